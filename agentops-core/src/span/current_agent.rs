//! Agent that a call runs in: the spans of tools and model calls carry its name.

use std::{borrow::Cow, sync::Arc};

use crate::{
    process::thread_context::{Attached, attach, with_current},
    record::SpanKind,
    session::InSession,
};

/// Enters a context that names the agent, for a new span and everything below it.
pub(super) fn enter(agent: Cow<'static, str>) -> Option<Attached> {
    let agent = Some(agent);
    let inside = with_current(|context| {
        let inside = context.get::<InSession>()?;
        let (session, registry) = (Arc::clone(&inside.session), Arc::clone(&inside.registry));
        Some(context.with_value(InSession { session, registry, agent, own: inside.own.clone() }))
    });
    inside.map(attach)
}

/// Returns the name of the agent that a new span records as its own: only tools and model calls do.
pub(super) fn around(kind: SpanKind, inside: &InSession) -> Option<Cow<'static, str>> {
    inside.agent.clone().filter(|_| matches!(kind, SpanKind::Tool | SpanKind::Llm))
}
