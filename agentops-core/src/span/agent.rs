//! The agent that a call happens in: tools and model calls carry its name.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{Context, ContextGuard, KeyValue};

use crate::{kind::SpanKind, semconv::AGENT_NAME, session::InSession};

/// Lets a span be created in a context that names the agent, for everything below it.
pub(super) fn enter(agent: Cow<'static, str>) -> Option<ContextGuard> {
    let agent = Some(agent);
    let inside = Context::map_current(|context| {
        let InSession { session, .. } = context.get()?;
        Some(context.with_value(InSession { session: Arc::clone(session), agent }))
    });
    inside.map(Context::attach)
}

/// What a span says of the agent that it happens in.
pub(super) fn attribute(kind: SpanKind, place: &InSession) -> Option<KeyValue> {
    if !matches!(kind, SpanKind::Tool | SpanKind::Llm) {
        return None;
    }
    place.agent.clone().map(|name| KeyValue::new(AGENT_NAME, name))
}
