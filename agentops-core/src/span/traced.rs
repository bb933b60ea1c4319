//! A recorded span from its first entry to its end.

use std::sync::Arc;

use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt},
};

use crate::{
    capture::{self, Failure, Outcome},
    report, semconv,
    session::{EndState, SessionRef, SessionRegistry, SessionState},
};

/// An error's message is bounded like this on a span.
const MAX_MESSAGE: usize = 4096;

/// How a call ended.
#[derive(Debug)]
pub(super) enum Ending<'a> {
    /// It ran to its end.
    Finished(Outcome<'a>),
    /// It panicked.
    Panicked,
    /// Its future was dropped half way.
    Cancelled,
}

/// What a span is to its session.
#[derive(Debug)]
pub(super) enum Role {
    /// Something that happens in it.
    Child(Arc<SessionRegistry>),
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
    pub(super) fn open(&mut self) -> bool {
        if self.context.is_some() {
            return true;
        }
        let context = Context::current();
        let span = context.span();
        if !span.is_recording() {
            return false;
        }
        match &self.role {
            Role::Child(registry) => registry.count_started(),
            Role::Session(session) => {
                session.set_trace(span.span_context().trace_id());
                session.registry().count_started();
                tell_replay_url(session);
            }
        }
        self.context = Some(context);
        true
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
        let span = context.span();
        let mut attributes = self.ending_attributes(ending);
        if let Some((kind, message)) = failure_of(ending) {
            attributes.push(KeyValue::new(semconv::ERROR_TYPE, kind));
            span.add_event(
                semconv::EXCEPTION_EVENT,
                vec![
                    KeyValue::new(semconv::EXCEPTION_TYPE, kind),
                    KeyValue::new(semconv::EXCEPTION_MESSAGE, message.clone()),
                ],
            );
            span.set_status(Status::error(message));
        }
        span.set_attributes(attributes);
        span.end();
    }

    fn ending_attributes(&self, ending: &Ending<'_>) -> Vec<KeyValue> {
        let mut attributes = Vec::new();
        if let Ending::Finished(Outcome::Returned(value, response)) = ending {
            let output = self.output.map(|max_len| capture::value(value, max_len));
            attributes.extend(output.map(|output| KeyValue::new(semconv::OUTPUT, output)));
            attributes.extend(response.iter().flat_map(|response| response.attributes()));
        }
        if matches!(ending, Ending::Cancelled) {
            attributes.push(KeyValue::new(semconv::CANCELLED, true));
        }
        if let Role::Session(session) = &self.role {
            // First the door, then the sum: what ends later is no part of it.
            session.mark_ended();
            attributes.extend(session.totals().attributes());
            let state = end_state(ending).as_str();
            attributes.push(KeyValue::new(semconv::SESSION_END_STATE, state));
        }
        attributes
    }
}

/// Where to watch the session, for those who sent it to AgentOps.
fn tell_replay_url(session: &Arc<SessionState>) {
    let rules = session.registry().rules();
    let (session, Some(app)) = (SessionRef::new(Arc::clone(session)), &rules.replay_url) else {
        return;
    };
    let (name, trace) = (session.name(), session.trace_id());
    let message = format_args!("session replay of `{name}`: {app}/sessions?trace_id={trace}");
    report::info(rules.may_use_stderr, &message);
}

fn end_state(ending: &Ending<'_>) -> EndState {
    match ending {
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
        Ending::Finished(_) => None,
        Ending::Panicked => Some(("panic", "panic".to_owned())),
        Ending::Cancelled => Some(("cancelled", "cancelled".to_owned())),
    }
}
