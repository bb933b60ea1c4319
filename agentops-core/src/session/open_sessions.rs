//! Sessions that have started and not ended.

use std::sync::Arc;

use opentelemetry::{KeyValue, trace::TraceContextExt};

use super::{InSession, SessionRef, SessionRegistry, SessionState};
use crate::record::semconv;

/// Returns the sessions that have started and not ended, the earliest first. They belong to the core that the
/// calling code's subscriber reports to, or else to the last one with a
/// [span processor](crate::span_processor).
#[must_use]
pub fn sessions() -> Vec<SessionRef> {
    SessionRegistry::find().map(|registry| session_refs(&registry)).unwrap_or_default()
}

/// Returns read-only references to the open sessions of a core, the earliest first.
pub(crate) fn session_refs(registry: &SessionRegistry) -> Vec<SessionRef> {
    let mut open = open_sessions(registry);
    open.sort_by_key(|session| session.started());
    open.into_iter().filter_map(SessionRef::new).collect()
}

/// Ends all open spans and sessions at shutdown. Spans with children are ended first, while their sessions still
/// count them.
pub(crate) fn end_sessions(registry: &SessionRegistry) {
    for context in registry.live().remove_contexts() {
        let span = context.span();
        span.set_attribute(KeyValue::new(semconv::UNFINISHED, true));
        span.end();
    }
    open_sessions(registry).iter().for_each(|session| session.shut_down());
}

pub(super) fn open_sessions(registry: &SessionRegistry) -> Vec<Arc<SessionState>> {
    let roots = registry.core().roots().all();
    let open = roots.iter().filter_map(|root| root.get::<InSession>());
    open.map(|root| Arc::clone(&root.session)).collect()
}
