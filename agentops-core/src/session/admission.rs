//! What is carried in the OpenTelemetry `Context`, with the one rule that reads it.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::Context;
use tracing_core::span::Id;

use super::{SessionRef, SessionRegistry, SessionState};
use crate::process::{fork, here::with_current};

/// What everything below a context belongs to.
#[derive(Clone, Debug)]
pub(crate) struct InSession {
    pub(crate) session: Arc<SessionState>,
    /// The name of the innermost agent in it.
    pub(crate) agent: Option<Cow<'static, str>>,
    /// The innermost span of ours, where another layer's span is the current one of OpenTelemetry.
    pub(crate) own: Option<OwnPlace>,
}

/// A span of ours, as it is carried along.
#[derive(Clone, Debug)]
pub(crate) struct OwnPlace {
    /// The context in which it is the current one.
    pub(crate) context: Context,
    pub(crate) since: Since,
}

/// The moment from which on a span of ours is the innermost.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    /// In another task or thread, it may be.
    Elsewhere,
    /// Here, while this `tracing` span was current, if any was: those that are entered later are further in.
    Here(Option<Id>),
}

impl InSession {
    /// What lies directly below a session's root.
    pub(crate) fn new(session: Arc<SessionState>) -> Self {
        Self { session, agent: None, own: None }
    }
}

/// Why the session rule refuses a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is suppressed, or its session was not sampled: there is nothing to report.
    Silent,
    /// It has no session, which is a mistake worth a warning.
    NoSession,
}

/// The session rule: a span belongs to a sampled session.
///
/// A session that has ended admits spans, too: they are late. Ending is one atomic swap, which one thread wins:
/// that one ends the root, so the root is ended exactly once and never lost. A span that ends after the swap
/// is exported below its parent, marked as late, and added to the session's late totals instead of those that
/// its root has.
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

/// The session rule, asked of the current context: the session.
pub(crate) fn admit_current() -> Result<Arc<SessionState>, Refusal> {
    look_around(|place| Arc::clone(&place.session))
}

/// The same, with what is wanted of the place. What follows a refusal may run the program's code: not while the
/// context is looked at.
#[inline]
pub(crate) fn look_around<T>(look: impl FnOnce(&InSession) -> T) -> Result<T, Refusal> {
    with_current(|context| admit(context).map(look))
}

/// The session that the calling code runs in, if it is recorded and has not ended.
#[must_use]
pub fn current_session() -> Option<SessionRef> {
    let session = admit_current().ok().filter(|session| !session.has_ended())?;
    Some(session.look())
}

/// The sessions that have started and not ended, the earliest first, of the core that the calling code's
/// subscriber reports to.
#[must_use]
pub fn sessions() -> Vec<SessionRef> {
    SessionRegistry::find().map(|registry| registry.look()).unwrap_or_default()
}
