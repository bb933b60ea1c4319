//! What is carried in the OpenTelemetry `Context`, with the one rule that reads it.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::Context;

use super::{SessionRef, SessionRegistry, SessionState};
use crate::fork;

/// What everything below a context belongs to.
#[derive(Clone, Debug)]
pub(crate) struct InSession {
    pub(crate) session: Arc<SessionState>,
    /// The name of the innermost agent in it.
    pub(crate) agent: Option<Cow<'static, str>>,
    /// The context of the innermost span of ours, where another layer's span is the current one of
    /// OpenTelemetry.
    pub(crate) own: Option<Context>,
}

impl InSession {
    /// What lies directly below a session's root.
    pub(crate) fn new(session: Arc<SessionState>) -> Self {
        Self { session, agent: None, own: None }
    }
}

/// The answer of the session rule.
#[derive(Debug)]
pub(crate) enum Admission<'a> {
    /// A live, sampled session: the span may exist.
    Admitted(&'a InSession),
    /// No span, and nothing to say about it: suppressed, or the session was not sampled.
    Silent,
    /// No span, and that is a mistake worth a word.
    Refused(Refusal),
}

/// Why the rule refuses a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no session.
    NoSession,
    /// The session has ended.
    SessionEnded,
}

/// The session rule.
///
/// It may be asked on one thread while another ends the session. Ending is one atomic swap, which one thread
/// wins: that one ends the root, so the root is ended exactly once and never lost. A child asks twice, in
/// the factory and in the tracer, right before its span exists; both read what the swap writes. A child
/// whose start follows the end in time, in its thread or by way of a lock or channel, reads the end and is
/// refused. One that starts at the same time is admitted if its second question comes before the swap: then
/// it is a child that outlives its session, as a leaked one does, and is exported below the root; else it
/// is refused and counted as late. None is created after a refusal, and none is lost without being counted.
pub(crate) fn admit(context: &Context) -> Admission<'_> {
    if context.is_telemetry_suppressed() || fork::is_child() {
        return Admission::Silent;
    }
    match context.get::<InSession>() {
        None => Admission::Refused(Refusal::NoSession),
        Some(InSession { session, .. }) if !session.is_sampled() => Admission::Silent,
        Some(InSession { session, .. }) if session.has_ended() => {
            Admission::Refused(Refusal::SessionEnded)
        }
        Some(place) => Admission::Admitted(place),
    }
}

/// The session rule, asked of the current context: the session, or the refusal if there is one to report.
pub(crate) fn admit_current() -> Result<Arc<SessionState>, Option<Refusal>> {
    look_around(|place| Arc::clone(&place.session))
}

/// The same, with what is wanted of the place. What follows a refusal may run the program's code: not while the
/// context is looked at.
#[inline]
pub(crate) fn look_around<T>(look: impl FnOnce(&InSession) -> T) -> Result<T, Option<Refusal>> {
    Context::map_current(|context| match admit(context) {
        Admission::Admitted(place) => Ok(look(place)),
        Admission::Silent => Err(None),
        Admission::Refused(refusal) => Err(Some(refusal)),
    })
}

/// The session that the calling code runs in, if there is one that records.
#[must_use]
pub fn current_session() -> Option<SessionRef> {
    admit_current().ok().map(|session| session.look())
}

/// The sessions that have started and not ended, the earliest first, of the core that the calling code's
/// subscriber reports to.
#[must_use]
pub fn sessions() -> Vec<SessionRef> {
    SessionRegistry::find().map(|registry| registry.look()).unwrap_or_default()
}
