//! OpenTelemetry context of the calling thread. All access to it goes through this module.
//!
//! On a quiet thread (see [`thread_state`](super::thread_state)) telemetry is suppressed, whatever its context contains,
//! and even if the context no longer exists.

use std::{marker::PhantomData, mem};

use opentelemetry::{Context, ContextGuard};

use super::thread_state::{is_destroyed, prepare_context};

/// Proof that the thread is not quiet, so that its context may be accessed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContextAccess(PhantomData<*const ()>);

impl ContextAccess {
    /// Returns the proof for the calling thread, unless it is quiet.
    #[inline(always)]
    pub(crate) fn get() -> Option<Self> {
        prepare_context().then_some(Self(PhantomData))
    }

    /// Calls `read` with the current context.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn with_current<T>(self, read: impl FnOnce(&Context) -> T) -> T {
        Context::map_current(read)
    }

    /// Makes a context the current one until the guard is dropped.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn attach(self, context: Context) -> Attached {
        Attached(Some(context.attach()))
    }
}

/// Calls `read` with the current context, or with a suppressed one if the thread is quiet.
#[inline(always)]
pub(crate) fn with_current<T>(read: impl FnOnce(&Context) -> T) -> T {
    match ContextAccess::get() {
        Some(access) => access.with_current(read),
        None => with_suppressed(read),
    }
}

#[cold]
fn with_suppressed<T>(read: impl FnOnce(&Context) -> T) -> T {
    read(&Context::new().with_telemetry_suppressed())
}

/// Returns the current context.
#[inline]
pub(crate) fn current() -> Context {
    with_current(Context::clone)
}

/// Guard that keeps a context attached to this thread.
#[derive(Debug)]
pub(crate) struct Attached(Option<ContextGuard>);

/// Makes a context the current one until the guard is dropped, unless the thread is quiet.
#[inline]
pub(crate) fn attach(context: Context) -> Attached {
    ContextAccess::get().map_or(Attached(None), |access| access.attach(context))
}

/// Suppresses recording on this thread until the guard is dropped.
pub(crate) fn suppress() -> Attached {
    attach(with_current(Context::with_telemetry_suppressed))
}

impl Drop for Attached {
    #[inline(always)]
    fn drop(&mut self) {
        if is_destroyed() {
            // The context stack of this thread is destroyed, so there is nothing to detach from.
            mem::forget(self.0.take());
        }
    }
}
