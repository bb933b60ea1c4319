//! Where the calling code is: the OpenTelemetry context of its thread, the one way to it.
//!
//! A thread that is quiet is where telemetry is suppressed, whatever its context says or can no more say.

use std::mem;

use opentelemetry::{Context, ContextGuard};

use crate::quiet::{is_over, is_quiet};

/// What is wanted of the current context.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub(crate) fn with_current<T>(look: impl FnOnce(&Context) -> T) -> T {
    if is_quiet() { with_nothing(look) } else { Context::map_current(look) }
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
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub(crate) fn attach(context: Context) -> Attached {
    Attached((!is_quiet()).then(|| context.attach()))
}

/// Records nothing on this thread until this is dropped.
pub(crate) fn suppress() -> Attached {
    attach(with_current(Context::with_telemetry_suppressed))
}

impl Drop for Attached {
    fn drop(&mut self) {
        if is_over() {
            // There is nothing left to be detached from.
            mem::forget(self.0.take());
        }
    }
}
