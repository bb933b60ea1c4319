//! Recorded span from its first entry to its end.

use std::{mem, sync::Arc};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanRef, TraceContextExt},
};

use super::{
    Site,
    call_ending::CallEnding,
    exception::{record_cancelled, record_failure, record_panic},
    span_component::Component,
    unfollowed_work::Deferral,
};
use crate::session::schedule_check;
use crate::{
    attribute::find,
    capture::{self, Captured, Outcome},
    llm::{self, LlmResponse},
    process::{Panic, PanicMark, fork, note_first_span, presentable::name, thread_context},
    record::{Extent, SpanKind, semconv},
    session::{
        EndState, InSession, SessionLease, SessionRef, SessionState, list_live,
        report_exceeded_budget,
    },
};

/// Relation of a span to its session.
#[derive(Debug)]
pub(super) enum Role {
    /// Call in the session, with its component.
    Child(Arc<SessionState>, Component),
    /// Session itself, with its callsite.
    Session(Arc<SessionState>, &'static Site),
}

impl Role {
    fn session(&self) -> &Arc<SessionState> {
        let (Self::Child(session, _) | Self::Session(session, _)) = self;
        session
    }

    fn site(&self) -> &'static Site {
        let (Self::Child(_, Component { site, .. }) | Self::Session(_, site)) = self;
        site
    }
}

/// Span that is being recorded. Its ids, times, attributes and status live in its OpenTelemetry span.
#[doc(alias = "TracedObject")]
#[derive(Debug)]
pub(super) struct TracedSpan {
    role: Role,
    /// Bounds of the recorded output; `None` if the output is not recorded.
    output: Option<Extent>,
    progress: Progress,
    /// Mark of the time at which the code inside the span was last entered.
    entered: PanicMark,
    /// Panic of that code, if the span ends later.
    panic: Option<Arc<Panic>>,
}

/// Progress of a span.
#[derive(Debug)]
enum Progress {
    /// The scope was not entered yet. Holds the context that our layer built, if our layer records the span.
    New(Option<Context>),
    /// The span is recorded, in this context.
    Open(Context),
    /// The span has ended, or is not recorded.
    Over,
}

impl TracedSpan {
    pub(super) fn new(role: Role, output: Option<Extent>, built: Option<Context>) -> Self {
        let progress = Progress::New(built);
        Self { role, output, progress, entered: PanicMark::default(), panic: None }
    }

    /// Takes the span that its scope has just made current. Returns `false` if no subscriber records it.
    #[inline]
    pub(super) fn open(&mut self) -> bool {
        self.enter();
        let Progress::New(built) = &mut self.progress else { return self.is_open() };
        let context = built.take().unwrap_or_else(thread_context::current);
        self.progress = Progress::Over;
        let span = context.span();
        // `is_recording` lists a span of ours among the live ones, so it is called only where sampling leaves a doubt.
        if !span.span_context().is_sampled() && !span.is_recording() {
            return false;
        }
        match &self.role {
            Role::Child(session, _) => session.core().counts().count_started(),
            Role::Session(session, _) => begin_session(session, &context),
        }
        if self.output.is_some_and(|output| !output.redacts) {
            self.keep_credentials(&context);
        }
        self.progress = Progress::Open(context);
        true
    }

    /// Marks the entry into the code: earlier panics are not attributed to it.
    #[inline(always)]
    pub(super) fn enter(&mut self) {
        self.entered = PanicMark::now();
    }

    /// Returns the panic that currently unwinds the code, if it is known.
    pub(super) fn panic(&self) -> Option<Arc<Panic>> {
        self.entered.unwinding()
    }

    /// Keeps the panic of the code for a span that ends later. Panics after this one are not attributed to the span.
    pub(super) fn note_panic(&mut self, panic: Option<Arc<Panic>>) {
        self.panic = panic;
        self.entered = PanicMark::NEVER;
    }

    /// Exempts content that is set on the span later from redaction, as its input and output are.
    #[cold]
    fn keep_credentials(&self, context: &Context) {
        let (span, Some(inside)) = (context.span(), context.get::<InSession>()) else { return };
        if self.role.session().rules().redact_credentials && list_live(&span) {
            let id = span.span_context().span_id();
            inside.registry.live().amend(id, |amendments| amendments.keeps_credentials = true);
        }
    }

    /// Returns the context that holds the span, while the span is open.
    pub(super) fn context(&self) -> Option<&Context> {
        match &self.progress {
            Progress::Open(context) => Some(context),
            Progress::New(_) | Progress::Over => None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Open(_))
    }

    pub(super) fn site(&self) -> &'static Site {
        self.role.site()
    }

    /// Returns the kind of the span.
    pub(super) fn kind(&self) -> SpanKind {
        match &self.role {
            Role::Child(_, component) => component.kind(),
            Role::Session(..) => SpanKind::Session,
        }
    }

    /// Returns the bounds of the recorded output, or `None` if the output is not recorded.
    pub(super) fn output(&self) -> Option<Extent> {
        self.output
    }

    /// Adds attributes, while the span is open.
    pub(super) fn note(&self, attributes: Vec<KeyValue>) {
        if let Some(context) = self.context() {
            context.span().set_attributes(attributes);
        }
    }

    /// Ends the span now, even if other code still holds it. Only the first call counts.
    pub(super) fn close(&mut self, ending: &CallEnding<'_>) {
        if !self.is_open() {
            return;
        }
        let Progress::Open(context) = mem::replace(&mut self.progress, Progress::Over) else {
            return;
        };
        if fork::is_child() {
            return;
        }
        note_first_span();
        let span = context.span();
        match ending {
            CallEnding::Finished(Outcome::Returned(value, response)) => {
                match self.deferral(value).filter(|_| response.is_none()) {
                    Some(deferral) => {
                        let rules = self.role.session().rules();
                        span.set_attribute(deferral.mark(self.site(), rules.reporter));
                    }
                    None => self.record_output(&span, value, response.as_deref()),
                }
            }
            CallEnding::Finished(Outcome::Deferred(to)) => {
                span.set_attribute(KeyValue::new(semconv::DEFERRED, *to));
            }
            CallEnding::Panicked => {
                let panic = self.panic.take().or_else(|| self.panic());
                record_panic(&span, panic.as_deref());
            }
            CallEnding::Cancelled => record_cancelled(&span, self.site().settings.cancelled_fails),
            ending => record_failure(&span, ending, self.redacts()),
        }
        match &self.role {
            Role::Session(session, _) => {
                end_session(session, &context, ending);
                if session.has_limits() {
                    report_exceeded_budget(session);
                }
            }
            Role::Child(session, component) => end_call(session, component, &span),
        }
    }

    /// Returns the work that the function left to its return value. The compiler detects only a future, a stream or
    /// an iterator that is the whole value; the rest is detected by type name.
    #[inline]
    fn deferral(&self, value: &Captured<'_>) -> Option<Deferral> {
        let found = match value {
            Captured::Opaque(of) => Deferral::boxed_in(of),
            Captured::Debug(_, of) => Deferral::named(of),
            _ => None,
        };
        found.filter(|_| !self.site().settings.returns_value)
    }

    fn redacts(&self) -> bool {
        let rules = self.role.session().rules();
        rules.redact_credentials && self.output.is_none_or(|output| output.redacts)
    }

    /// Records the output, unless the response of a model provides it.
    fn record_output(
        &self,
        span: &SpanRef<'_>,
        value: &Captured<'_>,
        response: Option<&LlmResponse>,
    ) {
        let mut is_model_response = false;
        if let Some(response) = response {
            let attributes = answer(response, self.output);
            is_model_response = find(&attributes, semconv::OUTPUT).is_some();
            span.set_attributes(attributes);
        }
        if let Some(extent) = self.output.filter(|_| !is_model_response) {
            let output = capture::value(value, extent);
            span.set_attribute(KeyValue::new(semconv::OUTPUT, output));
        }
    }
}

/// Returns the attributes of a model's response, with its content if `extent` is set.
pub(super) fn answer(response: &LlmResponse, extent: Option<Extent>) -> Vec<KeyValue> {
    let mut attributes: Vec<_> = response.attributes().collect();
    let Some(extent) = extent else { return attributes };
    if let Some(messages) = response.output_json(extent) {
        attributes.push(KeyValue::new(semconv::OUTPUT_MESSAGES, messages));
    }
    let text = response.output.as_ref().map(llm::Message::text).filter(|text| !text.is_empty());
    if let Some(text) = text {
        // The text rather than the whole value that holds it.
        let json = capture::value(&Captured::Serialize(&text), extent);
        attributes.push(KeyValue::new(semconv::OUTPUT, json));
    }
    attributes
}

/// Warns, once per callsite, of a call that ended after its session.
#[cold]
fn warn_of_late_call(session: &SessionState, component: &Component) {
    let location = component.location();
    session.core().counts().note_late_call(&location);
    if component.claim_warning() {
        let (kind, name) = (component.kind().as_str(), name(&session.identity().name));
        let message = format_args!(
            "{kind} {location} ended after its session `{name}` had, and is in no total of it; \
             start it by `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`, \
             which keep the session open, or end the session after it"
        );
        session.rules().reporter.warn(&message);
    }
}

fn begin_session(session: &Arc<SessionState>, root: &Context) {
    let span_context = root.span().span_context().clone();
    let trace = span_context.trace_id();
    session.set_root(&span_context);
    #[cfg(feature = "testing")]
    crate::session::saw_session(root, trace);
    let core = session.core();
    core.counts().count_started();
    core.roots().insert(trace, root.clone());
    let limit = session.identity().budget.limits_time();
    schedule_check(session, limit.and_then(|limit| session.started().checked_add(limit)));
    report_replay_url(session);
}

/// Ends a session at once if the program asks for it, else when nothing in it runs any longer.
fn end_session(session: &Arc<SessionState>, root: &Context, ending: &CallEnding<'_>) {
    if let CallEnding::Said(state) = ending {
        session.finish(*state);
    } else if session.note_return(end_state(ending), root) {
        schedule_check(session, session.drain_deadline());
    }
}

/// Ends a call. The session ends with it, if its function has returned and nothing else runs in it.
#[inline(always)]
fn end_call(session: &Arc<SessionState>, component: &Component, span: &SpanRef<'_>) {
    let is_late = session.has_ended();
    // The lease keeps the session open until its budget is updated.
    let lease = session.has_limits().then(|| SessionLease::of(session));
    span.end();
    if lease.is_some() {
        report_exceeded_budget(session);
    }
    if is_late {
        warn_of_late_call(session, component);
    }
}

/// Reports the URL of the session's replay, if spans are sent to AgentOps.
fn report_replay_url(session: &Arc<SessionState>) {
    let rules = session.rules();
    let (Some(session), Some(app)) = (SessionRef::new(Arc::clone(session)), &rules.replay_url)
    else {
        return;
    };
    let (name, trace) = (name(session.name()), session.trace_id());
    let message = format_args!("session replay of `{name}`: {app}/sessions?trace_id={trace}");
    rules.reporter.info(&message);
}

fn end_state(ending: &CallEnding<'_>) -> EndState {
    match ending {
        CallEnding::Said(state) | CallEnding::Left(state) => *state,
        CallEnding::Finished(Outcome::Failed(_)) | CallEnding::Panicked => EndState::Failure,
        CallEnding::Finished(_) => EndState::Success,
        CallEnding::Cancelled | CallEnding::Dropped => EndState::Indeterminate,
    }
}
