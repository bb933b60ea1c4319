//! A span that is held in hand, for code that no attribute can mark.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
    thread,
};

use opentelemetry::Context;
use tracing::{Level, Metadata};
use tracing_core::{Kind, callsite::DefaultCallsite, field::FieldSet, identify_callsite};

use crate::span::{
    CurrentSpan, HandleSite, Settings, Site, Start, admission,
    call::{Call, CallRecord},
    component::Component,
    ending::Ending,
    fields_of,
    scope::Scope,
};
use crate::{
    capture::Outcome,
    config::BudgetExceeded,
    error::NoActiveSession,
    process::Moment,
    record::SpanKind,
    session::{Cancellation, EndState, InSession, SessionRef},
};

/// A span in hand, shared by its clones; it ends when it is told to, or when the last clone is dropped.
#[derive(Clone, Default)]
pub struct SpanHandle(Option<Arc<Inner>>);

struct Inner {
    kind: SpanKind,
    // Dropped in this order: the log closes before its span is released.
    log: Mutex<CallRecord>,
    scope: Scope,
    came_to: Mutex<CameTo>,
}

/// The outcome of what ran in a span, for when nobody says another; the worse one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum CameTo {
    Unknown,
    Success,
    Panic,
}

macro_rules! site {
    ($name:literal, $kind:expr) => {{
        static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
        static METADATA: Metadata<'static> = Metadata::new(
            $name,
            "agentops",
            Level::INFO,
            None,
            None,
            None,
            FieldSet::new(fields_of($kind), identify_callsite!(&CALLSITE)),
            Kind::SPAN,
        );
        static SITE: Site = Site::new(&CALLSITE, &METADATA, $kind, Settings::new());
        &SITE
    }};
}

/// The one callsite of all handles of a kind.
fn site(kind: SpanKind) -> &'static Site {
    match kind {
        SpanKind::Session => site!("session", SpanKind::Session),
        SpanKind::Agent => site!("agent", SpanKind::Agent),
        SpanKind::Tool => site!("tool", SpanKind::Tool),
        SpanKind::Llm => site!("llm", SpanKind::Llm),
        _ => site!("custom", SpanKind::Custom("custom")),
    }
}

impl SpanHandle {
    /// Starts a span; where there can be none it records nothing, and that is said once for each place.
    pub(crate) fn start(handle: HandleSite, prepare: impl FnOnce(&mut Start)) -> Self {
        let kind = handle.kind;
        let start = admission::start(Component::handle(site(kind), handle));
        Self::of(kind, start, prepare)
    }

    /// Starts a span, or says why there can be none.
    pub(crate) fn try_start(
        handle: HandleSite,
        prepare: impl FnOnce(&mut Start),
    ) -> Result<Self, NoActiveSession> {
        let kind = handle.kind;
        let start = admission::try_start(Component::handle(site(kind), handle))?;
        Ok(Self::of(kind, start, prepare))
    }

    fn of(kind: SpanKind, mut start: Start, prepare: impl FnOnce(&mut Start)) -> Self {
        prepare(&mut start);
        let Some(mut call) = start.begin() else { return Self(None) };
        call.open();
        let Call { log, scope } = call;
        Self(Some(Arc::new(Inner {
            kind,
            log: Mutex::new(log),
            scope,
            came_to: Mutex::new(CameTo::Unknown),
        })))
    }

    /// Whether anybody records it, and it has not ended.
    pub(crate) fn is_recording(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.log().is_open())
    }

    /// Runs code inside the span.
    pub(crate) fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(|inner| inner.scope.enter());
        code()
    }

    /// Polls inside the span what is never polled again once it has panicked.
    pub(crate) fn poll<R>(&self, code: impl FnOnce() -> R) -> R {
        let Some(inner) = &self.0 else { return code() };
        let _entered = inner.scope.enter();
        let polled = Polled { inner, since: Moment::now() };
        let result = code();
        mem::forget(polled);
        result
    }

    /// The span, to be told more about, while it is open.
    pub(crate) fn span(&self) -> CurrentSpan {
        CurrentSpan::of(self.context())
    }

    /// The session that it belongs to.
    pub(crate) fn session(&self) -> Option<SessionRef> {
        let context = self.context()?;
        context.get::<InSession>().map(|place| place.session.look())
    }

    /// The cancellation of a stream that runs in the span, if the budget of its session cancels.
    pub(crate) fn cancellation(&self) -> Option<Cancellation> {
        let log = self.0.as_ref()?.log();
        let place = log.context()?.get::<InSession>()?;
        Cancellation::of(&place.session)
    }

    /// The limit that was passed, if a stream that runs in the span is to end early.
    pub(crate) fn poll_budget(&self, of: &Cancellation, waker: &Waker) -> Option<BudgetExceeded> {
        of.poll_stream(self.0.as_ref()?.kind, waker)
    }

    /// Ends the span of such a stream: that is the failure of a session, and cancels whatever is in it.
    pub(crate) fn stop(&self, exceeded: &BudgetExceeded) {
        if self.is_session() {
            self.span().record_error(exceeded);
            self.leave(EndState::Failure);
        } else {
            self.cancel();
        }
    }

    fn is_session(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.kind == SpanKind::Session)
    }

    fn context(&self) -> Option<Context> {
        self.0.as_ref().and_then(|inner| inner.log().context().cloned())
    }

    /// Ends the span as one that was given up, unless what ran in it has panicked.
    pub(crate) fn cancel(&self) {
        if let Some(inner) = &self.0 {
            inner.close(Ending::Cancelled);
        }
    }

    /// Notes that what ran in it came to its end: dropped unended, it was a success.
    pub(crate) fn note_success(&self) {
        if let Some(inner) = &self.0 {
            inner.note(CameTo::Success);
        }
    }

    /// Ends the span as what ran in it came to this. A session goes on as long as what that has left behind.
    pub(crate) fn leave(&self, state: EndState) {
        if let Some(inner) = &self.0 {
            inner.log().close(&Ending::Left(state));
        }
    }

    /// Ends the span at once; only the first ending counts.
    pub(crate) fn end(&self, state: EndState) {
        if let Some(inner) = &self.0 {
            inner.end(state);
        }
    }
}

impl Inner {
    fn log(&self) -> MutexGuard<'_, CallRecord> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, state: EndState) {
        self.log().close(&Ending::Said(state));
    }

    fn note(&self, came_to: CameTo) {
        let mut known = self.came_to.lock().unwrap_or_else(PoisonError::into_inner);
        *known = came_to.max(*known);
    }

    /// Ends the span with what ran in it, or else in this way.
    fn close(&self, otherwise: Ending<'_>) {
        let ending = match *self.came_to.lock().unwrap_or_else(PoisonError::into_inner) {
            CameTo::Unknown => otherwise,
            CameTo::Success => Ending::Finished(Outcome::Ignored),
            CameTo::Panic => Ending::Panicked,
        };
        self.log().close(&ending);
    }
}

/// Code that is being polled: its panic is that of the span, even if the span ends long after it.
struct Polled<'a> {
    inner: &'a Inner,
    since: Moment,
}

impl Drop for Polled<'_> {
    #[cold]
    fn drop(&mut self) {
        self.inner.log().note_panic(self.since.unwinding());
        self.inner.note(CameTo::Panic);
    }
}

impl Drop for Inner {
    /// What was not ended is not known to be well; what unwinds is known not to be.
    fn drop(&mut self) {
        if thread::panicking() {
            self.note(CameTo::Panic);
        }
        self.close(Ending::Dropped);
    }
}

impl fmt::Debug for SpanHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.as_ref().map(|inner| inner.kind.as_str());
        f.debug_struct("Held").field("kind", &kind).finish_non_exhaustive()
    }
}
