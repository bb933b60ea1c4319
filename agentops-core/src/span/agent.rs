//! The agent that a call happens in: tools and model calls carry its name.

use opentelemetry::{Context, ContextGuard, KeyValue};

use crate::{kind::SpanKind, semconv::AGENT_NAME};

/// The innermost agent, carried in the OpenTelemetry `Context`.
#[derive(Clone, Copy, Debug)]
pub(super) struct EnclosingAgent(pub(super) Option<&'static str>);

/// Lets an agent's span be created in a context that names the agent, for everything below it.
pub(super) fn enter(kind: SpanKind, name: &'static str) -> Option<ContextGuard> {
    (kind == SpanKind::Agent)
        .then(|| Context::current_with_value(EnclosingAgent(Some(name))).attach())
}

/// What a span says of the agent that it happens in.
pub(super) fn attribute(kind: SpanKind) -> Option<KeyValue> {
    if !matches!(kind, SpanKind::Tool | SpanKind::Llm) {
        return None;
    }
    let agent = Context::map_current(|context| context.get::<EnclosingAgent>().copied())?;
    agent.0.map(|name| KeyValue::new(AGENT_NAME, name))
}
