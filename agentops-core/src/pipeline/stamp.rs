//! What every span of a session carries: whose it is.

use std::sync::Arc;

use opentelemetry::{KeyValue, trace::TraceId};

use crate::{
    semconv::{CONVERSATION_ID, SESSION_ID, USER_ID},
    session::SessionState,
};

/// The stamps of a span whose kind is known. OpenTelemetry gives the conversation to agents, model calls
/// and workflows only.
pub(crate) fn stamp(
    session: &SessionState,
    trace: TraceId,
    kind: &str,
) -> impl Iterator<Item = KeyValue> {
    let is_conversation = matches!(kind, "session" | "workflow" | "agent" | "llm");
    stamps(session, trace, is_conversation)
}

/// The stamps of a span that is only just starting, whose kind nobody can read yet.
pub(crate) fn stamp_any(session: &SessionState, trace: TraceId) -> Vec<KeyValue> {
    stamps(session, trace, true).collect()
}

fn stamps(
    session: &SessionState,
    trace: TraceId,
    is_conversation: bool,
) -> impl Iterator<Item = KeyValue> {
    let id = session.id(trace);
    let user = session.user_id().map(|user| KeyValue::new(USER_ID, Arc::clone(user)));
    let conversation = is_conversation.then(|| KeyValue::new(CONVERSATION_ID, Arc::clone(&id)));
    let own = [Some(KeyValue::new(SESSION_ID, id)), user, conversation];
    own.into_iter().flatten().chain(session.stamps().iter().cloned())
}
