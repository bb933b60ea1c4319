//! A recorded span from its first entry to its end.

use std::sync::Arc;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanRef, Status, TraceContextExt},
};

use super::clock::watch_the_clock;
use crate::{
    attribute::find,
    budget::BudgetCallback,
    capture::{self, Captured, Failure, Outcome},
    fork,
    guarded::guarded,
    llm::{LlmResponse, Message},
    report, semconv,
    session::{EndState, InSession, OpenSession, SessionRegistry, SessionState},
};

/// An error's message is bounded like this on a span.
pub(super) const MAX_MESSAGE: usize = 4096;

/// How a call ended.
#[derive(Debug)]
pub(super) enum Ending<'a> {
    /// It ran to its end.
    Finished(Outcome<'a>),
    /// It panicked.
    Panicked,
    /// Its future was dropped half way.
    Cancelled,
    /// Whoever held it in hand said so, or nothing.
    Left(EndState),
}

/// What a span is to its session.
#[derive(Debug)]
pub(super) enum Role {
    /// Something that happens in it.
    Child(Arc<SessionState>),
    /// The session itself.
    Session(Arc<SessionState>),
}

/// A span that is being recorded: ids, start, end, attributes and status live in its OpenTelemetry span.
#[doc(alias = "TracedObject")]
#[derive(Debug)]
pub(super) struct TracedSpan {
    role: Role,
    /// The bound of the recorded output, if it is recorded.
    output: Option<usize>,
    /// The context with this span in it, from the first entry until the end.
    context: Option<Context>,
}

impl TracedSpan {
    pub(super) fn new(role: Role, output: Option<usize>) -> Self {
        Self { role, output, context: None }
    }

    /// Takes hold of the span, which its scope has just made current. False if nobody records it.
    #[inline]
    pub(super) fn open(&mut self) -> bool {
        if self.context.is_some() {
            return true;
        }
        let context = Context::current();
        let span = context.span();
        // Only what is not to be exported has to be asked.
        if !span.span_context().is_sampled() && !span.is_recording() {
            count_if_late(&context);
            return false;
        }
        match &self.role {
            Role::Child(session) => session.registry().count_started(),
            Role::Session(session) => begin_session(session, &context),
        }
        self.context = Some(context);
        true
    }

    /// Takes hold of the root of a session from elsewhere, to end it.
    fn of_open(session: OpenSession) -> Self {
        Self { role: Role::Session(session.state), output: None, context: Some(session.root) }
    }

    /// The context with this span in it, while it is open.
    pub(super) fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }

    pub(super) fn is_open(&self) -> bool {
        self.context.is_some()
    }

    /// The bound of the recorded output, if it is recorded.
    pub(super) fn output(&self) -> Option<usize> {
        self.output
    }

    /// Adds attributes, while the span is open.
    pub(super) fn note(&self, attributes: Vec<KeyValue>) {
        if let Some(context) = &self.context {
            context.span().set_attributes(attributes);
        }
    }

    /// Ends the span at this moment, whatever else still holds it. Only the first ending counts.
    pub(super) fn close(&mut self, ending: &Ending<'_>) {
        let Some(context) = self.context.take() else { return };
        if fork::is_child() {
            return;
        }
        let span = context.span();
        if let Role::Session(session) = &self.role
            && !close_session(session, &span)
        {
            return;
        }
        match ending {
            Ending::Finished(Outcome::Returned(value, response)) => {
                self.say(&span, value, response.as_deref());
            }
            ending => say_failure(&span, ending),
        }
        if let Role::Session(session) = &self.role {
            span.set_attributes(session.totals().attributes());
            let state = end_state(ending).as_str();
            span.set_attribute(KeyValue::new(semconv::SESSION_END_STATE, state));
        }
        span.end();
        let (Role::Child(session) | Role::Session(session)) = &self.role;
        if session.has_limits() {
            tell_of_budget(session);
        }
    }

    /// Says what came out, unless a model's answer says that better.
    fn say(&self, span: &SpanRef<'_>, value: &Captured<'_>, response: Option<&LlmResponse>) {
        let mut speaks = false;
        if let Some(response) = response {
            let told = answer(response, self.output);
            speaks = find(&told, semconv::OUTPUT).is_some();
            span.set_attributes(told);
        }
        if let Some(max_len) = self.output.filter(|_| !speaks) {
            let output = capture::value(value, max_len);
            span.set_attribute(KeyValue::new(semconv::OUTPUT, output));
        }
    }
}

/// Says that a call did not return what it is there for.
#[cold]
fn say_failure(span: &SpanRef<'_>, ending: &Ending<'_>) {
    if let Some((kind, message)) = failure_of(ending) {
        record_failure(span, kind, message);
    }
    match ending {
        Ending::Cancelled => span.set_attribute(KeyValue::new(semconv::CANCELLED, true)),
        // What was wrong was said before, or is not known.
        Ending::Left(EndState::Failure) => span.set_status(Status::error("")),
        _ => {}
    }
}

/// What a model's answer tells, and, as far as it is captured, says.
pub(super) fn answer(response: &LlmResponse, max_len: Option<usize>) -> Vec<KeyValue> {
    let mut attributes: Vec<_> = response.attributes().collect();
    let Some(max_len) = max_len else { return attributes };
    if let Some(messages) = response.output_json(max_len) {
        attributes.push(KeyValue::new(semconv::OUTPUT_MESSAGES, messages));
    }
    let text = response.output.as_ref().map(Message::text).filter(|text| !text.is_empty());
    if let Some(text) = text {
        // The words rather than the whole value that holds them.
        let json = capture::value(&Captured::Serialize(&text), max_len);
        attributes.push(KeyValue::new(semconv::OUTPUT, json));
    }
    attributes
}

/// Says on a span that it failed, and why.
pub(super) fn record_failure(span: &SpanRef<'_>, kind: &'static str, message: String) {
    span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, kind));
    span.add_event(
        semconv::EXCEPTION_EVENT,
        vec![
            KeyValue::new(semconv::EXCEPTION_TYPE, kind),
            KeyValue::new(semconv::EXCEPTION_MESSAGE, message.clone()),
        ],
    );
    span.set_status(Status::error(message));
}

/// Ends what is still open: the program goes down.
pub(crate) fn end_open_sessions(registry: &SessionRegistry) {
    for session in registry.open_sessions() {
        TracedSpan::of_open(session).close(&Ending::Left(EndState::Shutdown));
    }
}

/// A call that was admitted, and refused a moment later: its session ended in between.
fn count_if_late(context: &Context) {
    if let Some(InSession { session, .. }) = context.get::<InSession>()
        && session.is_sampled()
        && session.has_ended()
    {
        session.registry().count_late();
    }
}

fn begin_session(session: &Arc<SessionState>, root: &Context) {
    let trace = root.span().span_context().trace_id();
    session.set_trace(trace);
    let registry = session.registry();
    #[cfg(feature = "testing")]
    crate::session::saw_session(root, trace);
    registry.count_started();
    registry.add_session(trace, OpenSession { state: Arc::clone(session), root: root.clone() });
    watch_the_clock(session);
    tell_replay_url(session);
}

/// First the door, then the sum: what ends later is no part of it. False if somebody else has ended it.
fn close_session(session: &SessionState, span: &SpanRef<'_>) -> bool {
    let is_first = session.mark_ended();
    if is_first {
        session.registry().remove_session(span.span_context().trace_id());
    }
    is_first
}

/// Says of a session that it has passed a limit, once: on its root, and to the program. That a limit cannot
/// hold is said once in the process.
pub(crate) fn tell_of_budget(session: &SessionState) {
    tell_of_unpriced(session);
    let Some(exceeded) = session.take_news_of_budget() else { return };
    let registry = session.registry();
    if let Some(root) = session.trace().and_then(|trace| registry.root_of(trace)) {
        let limit = exceeded.limit().as_str();
        root.span().add_event(
            semconv::BUDGET_EXCEEDED_EVENT,
            vec![
                KeyValue::new(semconv::BUDGET_LIMIT, limit),
                KeyValue::new(semconv::EXCEPTION_MESSAGE, exceeded.to_string()),
            ],
        );
    }
    report::warn(registry.rules().may_use_stderr, &exceeded);
    if let Some(BudgetCallback(callback)) = &registry.rules().on_budget_exceeded {
        // What the program makes of it is its own business, and must not end in a panic of ours.
        let _ = guarded(|| callback(&exceeded));
    }
    session.wake();
}

fn tell_of_unpriced(session: &SessionState) {
    if let Some(why) = session.take_news_of_unpriced() {
        let name = &session.identity().name;
        let message = format_args!(
            "the budget of session `{name}` does not count every call in its dollars: {why}"
        );
        report::warn(session.registry().rules().may_use_stderr, &message);
    }
}

/// Where to watch the session, for those who sent it to AgentOps.
fn tell_replay_url(session: &Arc<SessionState>) {
    let rules = session.registry().rules();
    let (session, Some(app)) = (session.look(), &rules.replay_url) else {
        return;
    };
    let (name, trace) = (session.name(), session.trace_id());
    let message = format_args!("session replay of `{name}`: {app}/sessions?trace_id={trace}");
    report::info(rules.may_use_stderr, &message);
}

fn end_state(ending: &Ending<'_>) -> EndState {
    match ending {
        Ending::Left(state) => *state,
        Ending::Finished(Outcome::Failed(_)) | Ending::Panicked => EndState::Failure,
        Ending::Finished(_) => EndState::Success,
        Ending::Cancelled => EndState::Indeterminate,
    }
}

/// The type and the message of what went wrong, if something did.
fn failure_of(ending: &Ending<'_>) -> Option<(&'static str, String)> {
    match ending {
        Ending::Finished(Outcome::Failed(Failure { kind, message })) => {
            Some((kind, capture::text(message, MAX_MESSAGE)))
        }
        Ending::Finished(_) | Ending::Left(_) => None,
        Ending::Panicked => Some(("panic", "panic".to_owned())),
        Ending::Cancelled => Some(("cancelled", "cancelled".to_owned())),
    }
}
