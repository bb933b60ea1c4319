//! A call whose span starts later than the call: when the future that it returned is first polled.
//!
//! The function itself has run by then. What it called that was deferred too belongs below it all the same,
//! so its body runs in a context in which its span will be found as soon as there is one.

use std::sync::{Arc, OnceLock};

use opentelemetry::{
    Context,
    trace::{SpanId, TraceContextExt},
};

use super::{
    Start,
    call::Call,
    ending::Ending,
    factory::SpanFactory,
    start::{Parentage, SpanDraft},
};
use crate::{
    capture::Outcome,
    process::{Moment, here},
    session::{InSession, SessionLease, attach, carried},
};

/// A call whose span is still to start, if it gets one.
#[derive(Debug)]
pub struct Deferred(Option<Box<Waiting>>);

#[derive(Debug)]
struct Waiting {
    draft: SpanDraft,
    /// Where the function was called.
    context: Context,
    caller: Caller,
    /// Keeps the session open in which it was called.
    lease: Option<SessionLease>,
}

/// A deferred call, to what its function calls in turn.
#[derive(Clone, Debug)]
struct Caller {
    /// The span that it was called in: what runs in another one has that as its caller.
    called_in: SpanId,
    /// Its own context, once its span has started.
    begun: Arc<OnceLock<Context>>,
}

impl Caller {
    fn new(context: &Context) -> Self {
        Self { called_in: span_id(context), begun: Arc::default() }
    }

    /// The context that belongs above a call made in this one.
    fn above(context: Context) -> Context {
        let caller = context.get::<Self>().filter(|caller| caller.called_in == span_id(&context));
        let begun = caller.and_then(|caller| caller.begun.get().cloned());
        begun.unwrap_or(context)
    }
}

fn span_id(context: &Context) -> SpanId {
    context.span().span_context().span_id()
}

/// Runs a function's body, which returns a future, before its span has started.
pub fn defer<R>(start: Start, body: impl FnOnce() -> R) -> (Deferred, R) {
    let deferring = Deferring::new(start);
    let attached = deferring.enter();
    let returned = body();
    drop(attached);
    (deferring.into_call(), returned)
}

/// A call whose function is still to return the future.
#[derive(Debug)]
pub struct Deferring(Option<Promised>);

#[derive(Debug)]
struct Promised {
    unwinding: Unwinding,
    /// The context that the function runs in.
    inside: Context,
}

impl Deferring {
    /// Notes where the function was called.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Some(draft) = start.0 else { return Self(None) };
        let context = carried();
        let caller = Caller::new(&context);
        let inside = context.with_value(caller.clone());
        let lease = SessionLease::in_context(&context);
        let waiting = Deferred(Some(Box::new(Waiting { draft, context, caller, lease })));
        Self(Some(Promised { unwinding: Unwinding(waiting, Moment::now()), inside }))
    }

    /// Makes what the function calls belong below its span.
    #[must_use]
    pub fn enter(&self) -> impl Sized + use<> {
        self.0.as_ref().map(|promised| here::attach(promised.inside.clone()))
    }

    /// The call, after its function.
    #[must_use]
    pub fn into_call(self) -> Deferred {
        Deferred(self.0.and_then(|mut promised| promised.unwinding.0.0.take()))
    }
}

impl Deferred {
    /// Records a call that returned something else than a future.
    pub fn end(mut self, outcome: Outcome<'_>) {
        if let Some(mut call) = self.begin() {
            call.open();
            call.log.close(&Ending::Finished(outcome));
        }
    }

    /// Starts the span below the place where the function was called.
    pub(super) fn begin(&mut self) -> Option<Call> {
        // Until its span has begun, which has a lease of its own.
        let Waiting { draft, context, caller, lease: _lease } = *self.0.take()?;
        let parent = Caller::above(context);
        let is_root = matches!(draft.origin, Parentage::Root(..));
        // Called outside of any session, it may still be polled inside one.
        let has_place = is_root || parent.get::<InSession>().is_some();
        let attached = has_place.then(|| attach(&parent));
        let call = SpanFactory::begin_later(draft)?;
        call.in_scope(|| {
            let _ = caller.begun.set(carried());
        });
        drop(attached);
        Some(call)
    }
}

/// Records a call that panics before it returns a future.
#[derive(Debug)]
struct Unwinding(Deferred, Moment);

impl Drop for Unwinding {
    fn drop(&mut self) {
        // What its span runs in begins only now.
        let panic = self.1.unwinding();
        if let Some(mut call) = self.0.begin() {
            call.open();
            call.log.note_panic(panic);
        }
    }
}
