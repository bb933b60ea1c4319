//! Call whose span starts later than the call: when the future that it returned is first polled.
//!
//! The function itself has run by then. Calls that it made and that were deferred too still belong below its span.
//! Its body therefore runs in a context in which the span can be found once it exists.

use std::sync::{Arc, OnceLock};

use opentelemetry::{
    Context,
    trace::{SpanId, TraceContextExt},
};

use super::{
    Start,
    call_ending::CallEnding,
    factory::SpanFactory,
    run_body::Call,
    span_draft::{Parentage, SpanDraft},
};
use crate::{
    capture::Outcome,
    process::{PanicMark, thread_context},
    session::{InSession, SessionLease, attach_carried, context_to_carry, lease_in},
};

/// Call whose span has not started yet, if it gets one.
#[derive(Debug)]
pub struct Deferred(Option<Box<Waiting>>);

#[derive(Debug)]
struct Waiting {
    draft: SpanDraft,
    /// Context in which the function was called.
    context: Context,
    caller: Caller,
    /// Keeps the session of the caller open until the span starts.
    lease: Option<SessionLease>,
}

/// Deferred call as seen by the calls that its function makes.
#[derive(Clone, Debug)]
struct Caller {
    /// Span in which the deferred call was made. Code inside another span has that span as its caller.
    called_in: SpanId,
    /// Context of the deferred call, once its span has started.
    begun: Arc<OnceLock<Context>>,
}

impl Caller {
    fn new(context: &Context) -> Self {
        Self { called_in: span_id(context), begun: Arc::default() }
    }

    /// Returns the context that is the parent of a call made in `context`.
    fn above(context: Context) -> Context {
        let caller = context.get::<Self>().filter(|caller| caller.called_in == span_id(&context));
        let begun = caller.and_then(|caller| caller.begun.get().cloned());
        begun.unwrap_or(context)
    }
}

fn span_id(context: &Context) -> SpanId {
    context.span().span_context().span_id()
}

/// Runs the body of a function that returns a future, before the span has started.
pub fn defer<R>(start: Start, body: impl FnOnce() -> R) -> (Deferred, R) {
    let deferring = Deferring::new(start);
    let attached = deferring.enter();
    let returned = body();
    drop(attached);
    (deferring.into_call(), returned)
}

/// Call whose function has not returned its future yet.
#[derive(Debug)]
pub struct Deferring(Option<Promised>);

#[derive(Debug)]
struct Promised {
    unwinding: Unwinding,
    /// Context in which the function runs.
    inside: Context,
}

impl Deferring {
    /// Captures the context in which the function was called.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Some(draft) = start.0 else { return Self(None) };
        let context = context_to_carry();
        let caller = Caller::new(&context);
        let inside = context.with_value(caller.clone());
        let lease = lease_in(&context);
        let waiting = Deferred(Some(Box::new(Waiting { draft, context, caller, lease })));
        Self(Some(Promised { unwinding: Unwinding(waiting, PanicMark::now()), inside }))
    }

    /// Enters the context of the function, so that calls made in it belong below its span.
    #[must_use]
    pub fn enter(&self) -> impl Sized + use<> {
        self.0.as_ref().map(|promised| thread_context::attach(promised.inside.clone()))
    }

    /// Returns the call, once its function has returned.
    #[must_use]
    pub fn into_call(self) -> Deferred {
        Deferred(self.0.and_then(|mut promised| promised.unwinding.0.0.take()))
    }
}

impl Deferred {
    /// Records a call that returned something other than a future.
    pub fn end(mut self, outcome: Outcome<'_>) {
        if let Some(mut call) = self.begin() {
            call.open();
            call.log.close(&CallEnding::Finished(outcome));
        }
    }

    /// Starts the span as a child of the span that the function was called in.
    pub(super) fn begin(&mut self) -> Option<Call> {
        // Held until the span has begun, which has a lease of its own.
        let Waiting { draft, context, caller, lease: _lease } = *self.0.take()?;
        let parent = Caller::above(context);
        let is_root = matches!(draft.parentage, Parentage::Root(..));
        // A call made outside of any session may still be polled inside one.
        let has_place = is_root || parent.get::<InSession>().is_some();
        let attached = has_place.then(|| attach_carried(&parent));
        let call = SpanFactory::begin_later(draft)?;
        call.in_scope(|| {
            let _ = caller.begun.set(context_to_carry());
        });
        drop(attached);
        Some(call)
    }
}

/// Guard that records a call that panics before it returns its future.
#[derive(Debug)]
struct Unwinding(Deferred, PanicMark);

impl Drop for Unwinding {
    fn drop(&mut self) {
        // Read by the moment of the call: the span begins only now, after the panic was raised.
        let panic = self.1.unwinding();
        if let Some(mut call) = self.0.begin() {
            call.open();
            call.log.note_panic(panic);
        }
    }
}
