//! The agent that a call happens in: tools and model calls carry its name.

use std::{borrow::Cow, sync::Arc};

use crate::{
    process::here::{Attached, attach, with_current},
    record::SpanKind,
    session::InSession,
};

/// Lets a span be created in a context that names the agent, for everything below it.
pub(super) fn enter(agent: Cow<'static, str>) -> Option<Attached> {
    let agent = Some(agent);
    let inside = with_current(|context| {
        let InSession { session, own, .. } = context.get()?;
        let (session, own) = (Arc::clone(session), own.clone());
        Some(context.with_value(InSession { session, agent, own }))
    });
    inside.map(attach)
}

/// The agent of which a span says that it happens in it.
pub(super) fn around(kind: SpanKind, place: &InSession) -> Option<Cow<'static, str>> {
    place.agent.clone().filter(|_| matches!(kind, SpanKind::Tool | SpanKind::Llm))
}
