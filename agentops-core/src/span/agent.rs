//! The agent that a call happens in: tools and model calls carry its name.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{Context, ContextGuard};

use crate::{kind::SpanKind, session::InSession};

/// Lets a span be created in a context that names the agent, for everything below it.
pub(super) fn enter(agent: Cow<'static, str>) -> Option<ContextGuard> {
    let agent = Some(agent);
    let inside = Context::map_current(|context| {
        let InSession { session, own, .. } = context.get()?;
        let (session, own) = (Arc::clone(session), own.clone());
        Some(context.with_value(InSession { session, agent, own }))
    });
    inside.map(Context::attach)
}

/// The agent of which a span says that it happens in it.
pub(super) fn around(kind: SpanKind, place: &InSession) -> Option<Cow<'static, str>> {
    place.agent.clone().filter(|_| matches!(kind, SpanKind::Tool | SpanKind::Llm))
}
