//! OpenTelemetry context of the calling thread. All access to it goes through this module.
//!
//! On a quiet thread telemetry is suppressed, whatever its context contains, and even if the context no longer
//! exists.

use std::{marker::PhantomData, mem};

use opentelemetry::{Context, ContextGuard};

use super::quiet::{is_over, is_quiet};

/// Proof that the thread is not quiet, so that its context may be accessed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here(PhantomData<*const ()>);

impl Here {
    /// Returns the proof for the calling thread, unless it is quiet.
    #[inline(always)]
    pub(crate) fn get() -> Option<Self> {
        (!is_quiet()).then_some(Self(PhantomData))
    }

    /// Calls `look` with the current context.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn with_current<T>(self, look: impl FnOnce(&Context) -> T) -> T {
        Context::map_current(look)
    }

    /// Makes a context the current one until the guard is dropped.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn attach(self, context: Context) -> Attached {
        Attached(Some(context.attach()))
    }
}

/// Calls `look` with the current context, or with a suppressed one if the thread is quiet.
#[inline(always)]
pub(crate) fn with_current<T>(look: impl FnOnce(&Context) -> T) -> T {
    match Here::get() {
        Some(here) => here.with_current(look),
        None => with_nothing(look),
    }
}

#[cold]
fn with_nothing<T>(look: impl FnOnce(&Context) -> T) -> T {
    look(&Context::new().with_telemetry_suppressed())
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
    Here::get().map_or(Attached(None), |here| here.attach(context))
}

/// Suppresses recording on this thread until the guard is dropped.
pub(crate) fn suppress() -> Attached {
    attach(with_current(Context::with_telemetry_suppressed))
}

impl Drop for Attached {
    #[inline(always)]
    fn drop(&mut self) {
        if is_over() {
            // The context stack of this thread is destroyed, so there is nothing to detach from.
            mem::forget(self.0.take());
        }
    }
}
