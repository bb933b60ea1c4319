//! Runs an annotated body inside its span.

use std::{mem, sync::Arc};

use opentelemetry::{Context, KeyValue};

use super::{Site, Start, call_ending::CallEnding, call_scope::CallScope, traced_span::TracedSpan};
use crate::{
    capture::Outcome,
    process::Panic,
    record::{Extent, SpanKind},
};

/// Call with the scope that its body runs in, and the record of its span.
#[derive(Debug)]
pub struct Call {
    // Dropped in this order: the record closes before its span is released.
    pub(super) log: CallRecord,
    pub(super) scope: CallScope,
}

impl Call {
    pub(super) fn new(scope: CallScope, span: Option<TracedSpan>) -> Self {
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

    /// Enters the scope once, so that the span exists. Returns `false` if no subscriber records it.
    pub(super) fn open(&mut self) -> bool {
        let _entered = self.scope.enter();
        self.log.open()
    }
}

/// Record of a call: its span, if it is recorded, and the session that was opened for it.
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

    /// Marks that the code of the call is entered, as opening the span does: panics from before are not attributed to
    /// it.
    #[inline(always)]
    pub(super) fn enter(&mut self) {
        if let Some(span) = &mut self.span {
            span.enter();
        }
    }

    /// Watches the code for a panic until [`Watched::returned`] is called.
    #[inline(always)]
    pub(super) fn watch(&mut self) -> Watched<'_> {
        Watched(self)
    }

    /// Keeps the panic of the code for a call that ends only later.
    pub(super) fn note_panic(&mut self, panic: Option<Arc<Panic>>) {
        if let Some(session) = &mut self.session {
            session.log.note_panic(panic.clone());
        }
        if let Some(span) = &mut self.span {
            span.note_panic(panic);
        }
    }

    /// Returns `true` while the span is open.
    pub(super) fn is_open(&self) -> bool {
        self.span.as_ref().is_some_and(TracedSpan::is_open)
    }

    /// Returns the callsite, if the call is recorded.
    pub(super) fn site(&self) -> Option<&'static Site> {
        self.span.as_ref().map(TracedSpan::site)
    }

    /// Returns the kind of the span, if the call is recorded.
    pub(super) fn kind(&self) -> Option<SpanKind> {
        self.span.as_ref().map(TracedSpan::kind)
    }

    /// Returns the bounds of the recorded output, or `None` if the output is not recorded.
    pub(super) fn output(&self) -> Option<Extent> {
        self.span.as_ref().and_then(TracedSpan::output)
    }

    /// Returns the context that holds the span, while the span is open.
    pub(super) fn context(&self) -> Option<&Context> {
        self.span.as_ref().and_then(TracedSpan::context)
    }

    /// Adds attributes that are known only at the end.
    pub(super) fn note(&self, attributes: Vec<KeyValue>) {
        if let Some(span) = &self.span {
            span.note(attributes);
        }
    }

    pub(super) fn close(&mut self, ending: &CallEnding<'_>) {
        if let Some(span) = &mut self.span {
            span.close(ending);
        }
        if let Some(session) = &mut self.session {
            session.log.close(ending);
        }
    }
}

/// Guard over running code of a call. Dropped by an unwinding panic, it records that panic.
pub(super) struct Watched<'a>(&'a mut CallRecord);

impl Watched<'_> {
    /// Defuses the guard: the code has returned without a panic.
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
    /// Closes a call that nothing has closed as panicked: it neither returned nor was cancelled, so it unwinds.
    fn drop(&mut self) {
        self.close(&CallEnding::Panicked);
    }
}

/// Runs a function's body in its span and records its outcome.
pub fn run<R>(
    start: Start,
    body: impl FnOnce() -> R,
    outcome: impl FnOnce(&R) -> Outcome<'_>,
) -> R {
    // Bound in this order, so that unwinding drops the record before the span that it closes.
    let Some(Call { scope, mut log }) = start.begin() else { return body() };
    let _entered = scope.enter();
    log.open();
    let result = body();
    log.close(&CallEnding::Finished(outcome(&result)));
    result
}
