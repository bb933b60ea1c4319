//! The agent that a call happens in: tools and model calls carry its name.

use std::borrow::Cow;

use opentelemetry::{Context, ContextGuard, KeyValue};

use crate::{kind::SpanKind, semconv::AGENT_NAME};

/// The innermost agent, carried in the OpenTelemetry `Context`.
#[derive(Clone, Debug)]
pub(super) struct EnclosingAgent(pub(super) Option<Cow<'static, str>>);

/// Lets a span be created in a context that names the agent, for everything below it.
pub(super) fn enter(agent: Option<&Cow<'static, str>>) -> Option<ContextGuard> {
    let agent = EnclosingAgent(Some(agent?.clone()));
    Some(Context::current_with_value(agent).attach())
}

/// What a span says of the agent that it happens in.
pub(super) fn attribute(kind: SpanKind) -> Option<KeyValue> {
    if !matches!(kind, SpanKind::Tool | SpanKind::Llm) {
        return None;
    }
    let agent = Context::map_current(|context| context.get::<EnclosingAgent>().cloned())?;
    agent.0.map(|name| KeyValue::new(AGENT_NAME, name))
}
