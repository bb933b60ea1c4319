//! Running an annotated body inside its span.

use std::{mem, sync::Arc};

use opentelemetry::{Context, KeyValue};

use super::{Site, Start, ending::Ending, scope::Scope, traced_span::TracedSpan};
use crate::{
    capture::Outcome,
    process::Panic,
    record::{Extent, SpanKind},
};

/// A call that has a scope to run in, and a log if it is recorded.
#[derive(Debug)]
pub struct Call {
    // Dropped in this order: the log closes before its span is released.
    pub(super) log: CallRecord,
    pub(super) scope: Scope,
}

impl Call {
    pub(super) fn new(scope: Scope, span: Option<TracedSpan>) -> Self {
        Self { log: CallRecord { span, session: None }, scope }
    }

    /// Gives the call a session that was opened for it alone and ends with it.
    pub(super) fn inside(mut self, session: Self) -> Self {
        self.log.session = Some(Box::new(session));
        self
    }

    pub(super) fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        let _entered = self.scope.enter();
        body()
    }

    /// Enters once, so that the span exists; false if nobody records it.
    pub(super) fn open(&mut self) -> bool {
        let _entered = self.scope.enter();
        self.log.open()
    }
}

/// What is recorded of a call.
#[derive(Debug)]
pub struct CallRecord {
    span: Option<TracedSpan>,
    session: Option<Box<Call>>,
}

impl CallRecord {
    #[inline(always)]
    pub(super) fn open(&mut self) -> bool {
        self.span.as_mut().is_some_and(TracedSpan::open)
    }

    /// Enters its code, as opening does: earlier panics are not its own.
    #[inline(always)]
    pub(super) fn enter(&mut self) {
        if let Some(span) = &mut self.span {
            span.enter();
        }
    }

    /// Watches its code for a panic, until the answer is told that it has returned.
    #[inline(always)]
    pub(super) fn watch(&mut self) -> Watched<'_> {
        Watched(self)
    }

    /// Keeps the panic of its code, where it ends only later.
    pub(super) fn note_panic(&mut self, panic: Option<Arc<Panic>>) {
        if let Some(session) = &mut self.session {
            session.log.note_panic(panic.clone());
        }
        if let Some(span) = &mut self.span {
            span.note_panic(panic);
        }
    }

    /// Whether there is something to record, now.
    pub(super) fn is_open(&self) -> bool {
        self.span.as_ref().is_some_and(TracedSpan::is_open)
    }

    /// The callsite, if it is recorded.
    pub(super) fn site(&self) -> Option<&'static Site> {
        self.span.as_ref().map(TracedSpan::site)
    }

    /// What its span stands for.
    pub(super) fn kind(&self) -> Option<SpanKind> {
        self.span.as_ref().map(TracedSpan::kind)
    }

    /// The bound of the recorded output, if it is recorded.
    pub(super) fn output(&self) -> Option<Extent> {
        self.span.as_ref().and_then(TracedSpan::output)
    }

    /// The context with its span in it, while it is open.
    pub(super) fn context(&self) -> Option<&Context> {
        self.span.as_ref().and_then(TracedSpan::context)
    }

    /// Adds what is known only at the end.
    pub(super) fn note(&self, attributes: Vec<KeyValue>) {
        if let Some(span) = &self.span {
            span.note(attributes);
        }
    }

    pub(super) fn close(&mut self, ending: &Ending<'_>) {
        if let Some(span) = &mut self.span {
            span.close(ending);
        }
        if let Some(session) = &mut self.session {
            session.log.close(ending);
        }
    }
}

/// Running code of a call, which may panic.
pub(super) struct Watched<'a>(&'a mut CallRecord);

impl Watched<'_> {
    /// The code has not panicked.
    #[inline(always)]
    pub(super) fn returned(self) {
        mem::forget(self);
    }
}

impl Drop for Watched<'_> {
    #[cold]
    fn drop(&mut self) {
        let panic = self.0.span.as_ref().and_then(TracedSpan::panic);
        self.0.note_panic(panic);
    }
}

impl Drop for CallRecord {
    /// What was not closed did not return and was not cancelled: it unwinds.
    fn drop(&mut self) {
        self.close(&Ending::Panicked);
    }
}

/// Runs a function's body in its span and records what it comes to.
pub fn run<R>(
    start: Start,
    body: impl FnOnce() -> R,
    outcome: impl FnOnce(&R) -> Outcome<'_>,
) -> R {
    // Bound in this order, so that unwinding drops the log before the span that it closes.
    let Some(Call { scope, mut log }) = start.begin() else { return body() };
    let _entered = scope.enter();
    log.open();
    let result = body();
    log.close(&Ending::Finished(outcome(&result)));
    result
}
