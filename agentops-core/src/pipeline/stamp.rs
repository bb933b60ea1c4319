//! What every span of a session carries: whose it is.

use std::sync::Arc;

use opentelemetry::{KeyValue, trace::TraceId};

use crate::{
    semconv::{CONVERSATION_ID, SESSION_ID, USER_ID},
    session::SessionState,
};

/// The stamps of a span whose kind is known. OpenTelemetry gives the conversation to agents, model calls
/// and workflows only.
pub(crate) fn stamp(session: &SessionState, trace: TraceId, kind: &str) -> Vec<KeyValue> {
    let mut stamps = stamp_any(session, trace);
    if !matches!(kind, "session" | "workflow" | "agent" | "llm") {
        stamps.retain(|stamp| stamp.key.as_str() != CONVERSATION_ID);
    }
    stamps
}

/// The stamps of a span that is only just starting, whose kind nobody can read yet.
pub(crate) fn stamp_any(session: &SessionState, trace: TraceId) -> Vec<KeyValue> {
    let id = session.id(trace);
    let mut stamps = Vec::with_capacity(3);
    stamps.push(KeyValue::new(SESSION_ID, Arc::clone(&id)));
    if let Some(user) = session.user_id() {
        stamps.push(KeyValue::new(USER_ID, Arc::clone(user)));
    }
    stamps.push(KeyValue::new(CONVERSATION_ID, id));
    stamps.extend_from_slice(session.stamps());
    stamps
}
