//! Session rule, and the part of the OpenTelemetry `Context` that it reads.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::Context;
use tracing_core::span::Id;

use super::{SessionRef, SessionRegistry, SessionState};
use crate::process::{fork, here::with_current};

/// Session and innermost spans of a context, inherited by everything below it.
#[derive(Clone, Debug)]
pub(crate) struct InSession {
    pub(crate) session: Arc<SessionState>,
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
    pub(crate) fn new(session: Arc<SessionState>) -> Self {
        Self { session, agent: None, own: None }
    }
}

/// Reason why the session rule refuses a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The span is suppressed, or its session was not sampled: nothing is reported.
    Silent,
    /// The span has no session: a mistake, which is worth a warning.
    NoSession,
}

/// Applies the session rule: a span is recorded if it belongs to a sampled session.
///
/// A session that has ended still admits spans; they are late. Ending is one atomic swap: the thread that wins it
/// ends the root, so the root is ended exactly once and never lost. A span that ends after the swap is exported
/// below its parent, marked as late, and added to the session's late totals instead of the totals on the root.
pub(crate) fn admit(context: &Context) -> Result<&InSession, Refusal> {
    if context.is_telemetry_suppressed() || fork::is_child() {
        return Err(Refusal::Silent);
    }
    match context.get::<InSession>() {
        None => Err(Refusal::NoSession),
        Some(InSession { session, .. }) if !session.is_sampled() => Err(Refusal::Silent),
        Some(place) => Ok(place),
    }
}

/// Applies the session rule to the current context and returns the session.
pub(crate) fn admit_current() -> Result<Arc<SessionState>, Refusal> {
    with_current_session(|place| Arc::clone(&place.session))
}

/// Applies the session rule to the current context and returns what `look` reads from it. Code that handles a
/// refusal may run the program's code, so it runs after this has returned, when the context is no longer borrowed.
#[inline]
pub(crate) fn with_current_session<T>(look: impl FnOnce(&InSession) -> T) -> Result<T, Refusal> {
    with_current(|context| admit(context).map(look))
}

/// Returns the session that the calling code runs in, if it is recorded and has not ended.
#[must_use]
pub fn current_session() -> Option<SessionRef> {
    admit_current().ok().filter(|session| !session.has_ended())?.look()
}

/// Returns the sessions that have started and not ended, the earliest first. They belong to the core that the
/// calling code's subscriber reports to, or else to the last one with a
/// [span processor](crate::span_processor).
#[must_use]
pub fn sessions() -> Vec<SessionRef> {
    SessionRegistry::find().map(|registry| registry.look()).unwrap_or_default()
}
