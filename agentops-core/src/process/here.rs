//! Where the calling code is: the OpenTelemetry context of its thread, the one way to it.
//!
//! A thread that is quiet is where telemetry is suppressed, whatever its context says or can no more say.

use std::{marker::PhantomData, mem};

use opentelemetry::{Context, ContextGuard};

use super::quiet::{is_over, is_quiet};

/// A thread that is not quiet, so that its context can be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here(PhantomData<*const ()>);

impl Here {
    /// The calling one, unless it is quiet.
    #[inline(always)]
    pub(crate) fn get() -> Option<Self> {
        (!is_quiet()).then_some(Self(PhantomData))
    }

    /// Looks at the current context.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn with_current<T>(self, look: impl FnOnce(&Context) -> T) -> T {
        Context::map_current(look)
    }

    /// Makes a context the current one.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub(crate) fn attach(self, context: Context) -> Attached {
        Attached(Some(context.attach()))
    }
}

/// Looks at the current context.
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

/// The current context.
#[inline]
pub(crate) fn current() -> Context {
    with_current(Context::clone)
}

/// A context that is the current one, on this thread, until this is dropped.
#[derive(Debug)]
pub(crate) struct Attached(Option<ContextGuard>);

/// Makes a context the current one, unless the thread is quiet.
#[inline]
pub(crate) fn attach(context: Context) -> Attached {
    Here::get().map_or(Attached(None), |here| here.attach(context))
}

/// Records nothing on this thread until this is dropped.
pub(crate) fn suppress() -> Attached {
    attach(with_current(Context::with_telemetry_suppressed))
}

impl Drop for Attached {
    #[inline(always)]
    fn drop(&mut self) {
        if is_over() {
            // There is nothing left to be detached from.
            mem::forget(self.0.take());
        }
    }
}
