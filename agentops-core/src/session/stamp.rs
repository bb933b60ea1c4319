//! What every span of a session carries: whose it is.

use std::sync::Arc;

use opentelemetry::{KeyValue, trace::TraceId};
use opentelemetry_sdk::trace::SpanData;

use super::{SessionState, Version};
use crate::record::{
    SpanKind,
    semconv::{CONVERSATION_ID, SESSION_ID, USER_ID},
};

/// Stamps a span whose kind is known, with what was known of its session when it ended; the root has the
/// last word. OpenTelemetry gives the conversation to agents, model calls and workflows only.
pub(crate) fn stamp(session: &SessionState, span: &mut SpanData, kind: &str) {
    let is_conversation = matches!(kind, "session" | "workflow" | "agent" | "llm");
    let is_root = kind == SpanKind::Session.as_str();
    let known = if is_root { session.known() } else { session.known_at(span.end_time) };
    let trace = span.span_context.trace_id();
    span.attributes.extend(stamps(session, &known, trace, is_conversation));
}

/// The stamps of a span that is only just starting, whose kind nobody can read yet.
pub(crate) fn stamp_any(session: &SessionState, trace: TraceId) -> Vec<KeyValue> {
    stamps(session, &session.known(), trace, true).collect()
}

fn stamps(
    session: &SessionState,
    known: &Version,
    trace: TraceId,
    is_conversation: bool,
) -> impl Iterator<Item = KeyValue> {
    let id = session.id(trace);
    let user = known.user_id().map(|user| KeyValue::new(USER_ID, Arc::clone(user)));
    // A conversation is the program's to name: nobody else knows what belongs together.
    let conversation = session.given_id().filter(|_| is_conversation);
    let conversation = conversation.map(|id| KeyValue::new(CONVERSATION_ID, Arc::clone(id)));
    let own = [Some(KeyValue::new(SESSION_ID, id)), user, conversation];
    own.into_iter().flatten().chain(known.stamps().iter().cloned())
}
