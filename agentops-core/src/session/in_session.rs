//! Session and innermost spans of an OpenTelemetry `Context`.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::Context;
use tracing_core::span::Id;

use super::{SessionRegistry, SessionState};

/// Session and innermost spans of a context, inherited by everything below it.
#[derive(Clone, Debug)]
pub(crate) struct InSession {
    pub(crate) session: Arc<SessionState>,
    /// Registry whose live spans the session's spans are.
    pub(crate) registry: Arc<SessionRegistry>,
    /// Name of the innermost agent.
    pub(crate) agent: Option<Cow<'static, str>>,
    /// The innermost span of agentops, if another layer's span is OpenTelemetry's current one.
    pub(crate) own: Option<CarriedSpan>,
}

/// A span of agentops that a context carries along.
#[derive(Clone, Debug)]
pub(crate) struct CarriedSpan {
    /// Context in which it is the current span.
    pub(crate) context: Context,
    pub(crate) since: Since,
}

/// Point from which a carried span of agentops is the innermost one.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    /// The context was captured, possibly in another task or thread.
    Elsewhere,
    /// The span was entered on this thread while this `tracing` span was current, if one was. `tracing` spans that
    /// were entered later are further in.
    Here(Option<Id>),
}

impl InSession {
    /// Creates the value for the context directly below a session's root.
    pub(crate) fn new(session: Arc<SessionState>, registry: Arc<SessionRegistry>) -> Self {
        Self { session, registry, agent: None, own: None }
    }
}
