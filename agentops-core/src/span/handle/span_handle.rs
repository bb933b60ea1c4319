//! Handle to a span, for code that no attribute can mark.

use std::{
    fmt, mem,
    sync::{Arc, MutexGuard},
    task::Waker,
    thread,
};

use opentelemetry::Context;
use tracing::{Level, Metadata};
use tracing_core::{Kind, callsite::DefaultCallsite, field::FieldSet, identify_callsite};

use crate::span::{
    CurrentSpan, HandleSite, Settings, Site, Start, admission,
    call_ending::CallEnding,
    call_scope::CallScope,
    fields_of,
    run_body::{Call, CallRecord},
    span_component::Component,
};
use crate::{
    capture::Outcome,
    config::BudgetExceeded,
    error::NoActiveSession,
    process::{Lock, PanicMark},
    record::SpanKind,
    session::{Cancellation, EndState, InSession, SessionRef},
};

/// Handle to a span, shared by its clones. The span ends with `end`, or when the last clone is dropped.
#[derive(Clone, Default)]
pub struct SpanHandle(Option<Arc<Inner>>);

struct Inner {
    kind: SpanKind,
    // Dropped in this order: the record closes before its span is released.
    log: Lock<CallRecord>,
    scope: CallScope,
    came_to: Lock<CodeOutcome>,
}

/// Outcome of the code that ran in a span, for spans that are not ended explicitly. The worse outcome counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum CodeOutcome {
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

/// Returns the callsite that all handles of a kind share.
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
    /// Starts a span. A handle that gets no span records nothing, and each place in the code warns once.
    pub(crate) fn start(handle: HandleSite, prepare: impl FnOnce(&mut Start)) -> Self {
        let kind = handle.kind;
        let start = admission::start(Component::handle(site(kind), handle));
        Self::of(kind, start, prepare)
    }

    /// Starts a span, or returns the reason why there can be none.
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
            log: Lock::new(log),
            scope,
            came_to: Lock::new(CodeOutcome::Unknown),
        })))
    }

    /// Returns `true` if the span is recorded and has not ended.
    pub(crate) fn is_recording(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.log().is_open())
    }

    /// Runs code inside the span.
    pub(crate) fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(|inner| inner.scope.enter());
        code()
    }

    /// Polls, inside the span, code that is never polled again after a panic.
    pub(crate) fn poll<R>(&self, code: impl FnOnce() -> R) -> R {
        let Some(inner) = &self.0 else { return code() };
        let _entered = inner.scope.enter();
        let polled = Polled { inner, since: PanicMark::now() };
        let result = code();
        mem::forget(polled);
        result
    }

    /// Returns the span for setting attributes, while it is open.
    pub(crate) fn span(&self) -> CurrentSpan {
        CurrentSpan::of(self.context())
    }

    /// Returns the session that the span belongs to, while the span is open.
    pub(crate) fn session(&self) -> Option<SessionRef> {
        let context = self.context()?;
        context.get::<InSession>().and_then(|inside| SessionRef::new(Arc::clone(&inside.session)))
    }

    /// Returns the cancellation of a stream that runs in the span, if the session's budget cancels.
    pub(crate) fn cancellation(&self) -> Option<Cancellation> {
        let log = self.0.as_ref()?.log();
        let inside = log.context()?.get::<InSession>()?;
        Cancellation::of(&inside.session)
    }

    /// Returns the exceeded limit, if a stream that runs in the span is to end early.
    pub(crate) fn poll_budget(&self, of: &Cancellation, waker: &Waker) -> Option<BudgetExceeded> {
        of.poll_stream(self.0.as_ref()?.kind, waker)
    }

    /// Ends the span of a stream that the budget stopped: a session fails, and any other span is cancelled.
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

    /// Ends the span as cancelled, unless the code in it has panicked.
    pub(crate) fn cancel(&self) {
        if let Some(inner) = &self.0 {
            inner.close(CallEnding::Cancelled);
        }
    }

    /// Notes that the code in the span has completed. A handle dropped without `end` then ends as a success.
    pub(crate) fn note_success(&self) {
        if let Some(inner) = &self.0 {
            inner.note(CodeOutcome::Success);
        }
    }

    /// Ends the span with the state in which its code ended. A session stays open until the work that the code left
    /// behind has ended.
    pub(crate) fn leave(&self, state: EndState) {
        if let Some(inner) = &self.0 {
            inner.log().close(&CallEnding::Left(state));
        }
    }

    /// Ends the span at once. Only the first call counts.
    pub(crate) fn end(&self, state: EndState) {
        if let Some(inner) = &self.0 {
            inner.end(state);
        }
    }
}

impl Inner {
    fn log(&self) -> MutexGuard<'_, CallRecord> {
        self.log.lock()
    }

    fn end(&self, state: EndState) {
        self.log().close(&CallEnding::Said(state));
    }

    fn note(&self, came_to: CodeOutcome) {
        let mut known = self.came_to.lock();
        *known = came_to.max(*known);
    }

    /// Ends the span with the outcome of its code, or with `otherwise` if that is unknown.
    fn close(&self, otherwise: CallEnding<'_>) {
        let ending = match *self.came_to.lock() {
            CodeOutcome::Unknown => otherwise,
            CodeOutcome::Success => CallEnding::Finished(Outcome::Ignored),
            CodeOutcome::Panic => CallEnding::Panicked,
        };
        self.log().close(&ending);
    }
}

/// Guard over code that is being polled. A panic of the code is recorded as the span's, even if the span ends much
/// later.
struct Polled<'a> {
    inner: &'a Inner,
    since: PanicMark,
}

impl Drop for Polled<'_> {
    #[cold]
    fn drop(&mut self) {
        self.inner.log().note_panic(self.since.unwinding());
        self.inner.note(CodeOutcome::Panic);
    }
}

impl Drop for Inner {
    /// Ends a span that was not ended: as a panic while the thread unwinds, else as indeterminate.
    fn drop(&mut self) {
        if thread::panicking() {
            self.note(CodeOutcome::Panic);
        }
        self.close(CallEnding::Dropped);
    }
}

impl fmt::Debug for SpanHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.as_ref().map(|inner| inner.kind.as_str());
        f.debug_struct("SpanHandle").field("kind", &kind).finish_non_exhaustive()
    }
}
