//! Session, user and conversation attributes that every span of a session carries.

use std::sync::Arc;

use opentelemetry::{KeyValue, trace::TraceId};
use opentelemetry_sdk::trace::SpanData;

use super::{DetailsVersion, SessionState};
use crate::record::{
    RecordedKind,
    semconv::{CONVERSATION_ID, SESSION_ID, USER_ID},
};

/// Adds the session attributes to a span of this kind. They are those from the time of its end; the root gets the
/// latest ones. The conversation id is set on sessions, workflows, agents and model calls only, as OpenTelemetry
/// defines it.
pub(crate) fn stamp(session: &SessionState, span: &mut SpanData, kind: RecordedKind) {
    let is_root = kind == RecordedKind::Session;
    let is_conversation =
        is_root || matches!(kind, RecordedKind::Workflow | RecordedKind::Agent | RecordedKind::Llm);
    let details = if is_root { session.details() } else { session.details_at(span.end_time) };
    let trace = span.span_context.trace_id();
    span.attributes.extend(stamps(session, &details, trace, is_conversation));
}

/// Returns the session attributes for a span that is just starting, whose kind cannot be read yet.
pub(crate) fn stamps_at_start(session: &SessionState, trace: TraceId) -> Vec<KeyValue> {
    stamps(session, &session.details(), trace, true).collect()
}

fn stamps(
    session: &SessionState,
    details: &DetailsVersion,
    trace: TraceId,
    is_conversation: bool,
) -> impl Iterator<Item = KeyValue> {
    let id = session.id(trace);
    let user = details.user_id().map(|user| KeyValue::new(USER_ID, Arc::clone(user)));
    // Only the program can name a conversation, since it alone knows which sessions belong together.
    let conversation = session.given_id().filter(|_| is_conversation);
    let conversation = conversation.map(|id| KeyValue::new(CONVERSATION_ID, Arc::clone(id)));
    let own = [Some(KeyValue::new(SESSION_ID, id)), user, conversation];
    own.into_iter().flatten().chain(details.stamps().iter().cloned())
}
