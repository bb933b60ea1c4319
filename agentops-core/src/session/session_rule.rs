//! Session rule, applied to an OpenTelemetry `Context`.

use std::sync::Arc;

use opentelemetry::Context;
use tracing::dispatcher;

#[cfg(feature = "testing")]
use super::TestWatch;
use super::{
    InSession, SessionLease, SessionRef, SessionState,
    orphans::{Orphans, is_process_default},
};
use crate::process::{fork, thread_context::with_current};

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
        Some(in_session) => Ok(in_session),
    }
}

/// Applies the session rule to the current context and returns the session.
pub(crate) fn admit_current() -> Result<Arc<SessionState>, Refusal> {
    with_current_session(|in_session| Arc::clone(&in_session.session))
}

/// Applies the session rule to the current context and returns what `read` takes from it. Code that handles a
/// refusal may run the program's code, so it runs after this has returned, when the context is no longer borrowed.
#[inline]
pub(crate) fn with_current_session<T>(read: impl FnOnce(&InSession) -> T) -> Result<T, Refusal> {
    with_current(|context| admit(context).map(read))
}

/// Counts a call at its callsite if it is an orphan of the process default core. Returns `true` if it was counted.
pub(crate) fn count_if_orphan(orphans: &Orphans) -> bool {
    let is_orphan =
        dispatcher::get_default(is_process_default) && with_current(is_outside_sessions);
    if is_orphan {
        orphans.increment();
    }
    is_orphan
}

/// Returns `true` if a context belongs to no session and is neither suppressed nor watched by a test.
fn is_outside_sessions(context: &Context) -> bool {
    #[cfg(feature = "testing")]
    if context.get::<TestWatch>().is_some() {
        return false;
    }
    !context.is_telemetry_suppressed() && context.get::<InSession>().is_none()
}

/// Takes a lease of the session that a context belongs to, if it is recorded.
pub(crate) fn lease_in(context: &Context) -> Option<SessionLease> {
    admit(context).ok().map(|in_session| SessionLease::of(&in_session.session))
}

/// Returns the session that the calling code runs in, if it is recorded and has not ended.
#[must_use]
pub fn current_session() -> Option<SessionRef> {
    admit_current().ok().filter(|session| !session.has_ended()).and_then(SessionRef::new)
}
