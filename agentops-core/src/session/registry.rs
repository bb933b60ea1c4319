//! Registry of one tracing core, and the search for the one that the calling code reports to.

use std::{
    ptr,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use tracing::dispatcher;
use tracing_core::Subscriber;
use tracing_subscriber::Layer;

use super::{Rules, core_state::CoreState, live_spans::LiveSpans, span_counts::SpanCounts};

/// Registry of one tracing core: the state that its sessions reach, and its live spans. Live spans hold their
/// sessions, so sessions cannot hold the registry; [`InSession`](super::InSession) holds both.
#[doc(alias = "Registry")]
#[derive(Debug)]
pub(crate) struct SessionRegistry {
    core: Arc<CoreState>,
    live: LiveSpans,
}

/// Registries for code whose subscriber has no agentops layer; the last one that is open is used.
static FALLBACKS: RwLock<Vec<Weak<SessionRegistry>>> = RwLock::new(Vec::new());

impl SessionRegistry {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self { core: CoreState::new(rules), live: LiveSpans::default() })
    }

    /// Returns the registry that the calling code's subscriber reports to, if it is open, or else the fallback.
    pub(crate) fn find() -> Option<Arc<Self>> {
        Self::of_subscriber().filter(|registry| registry.core.is_open()).or_else(Self::fallback)
    }

    /// Returns the registry that the calling code's subscriber reported to, if it has been shut down.
    pub(crate) fn find_shut_down() -> Option<Arc<Self>> {
        Self::of_subscriber()
            .filter(|registry| !registry.core.is_open() && !registry.rules().disabled)
    }

    /// Returns `true` if the calling code's subscriber has an agentops layer; otherwise a provider of the
    /// program's own records.
    pub(crate) fn has_layer() -> bool {
        dispatcher::get_default(|dispatch| dispatch.downcast_ref::<RegistryLayer>().is_some())
    }

    fn of_subscriber() -> Option<Arc<Self>> {
        dispatcher::get_default(|dispatch| {
            dispatch.downcast_ref::<RegistryLayer>().map(|layer| Arc::clone(&layer.0))
        })
    }

    fn fallback() -> Option<Arc<Self>> {
        let fallbacks = FALLBACKS.read().unwrap_or_else(PoisonError::into_inner);
        fallbacks.iter().rev().filter_map(Weak::upgrade).find(|registry| registry.core.is_open())
    }

    pub(crate) fn core(&self) -> &Arc<CoreState> {
        &self.core
    }

    pub(crate) fn rules(&self) -> &Rules {
        self.core.rules()
    }

    pub(crate) fn counts(&self) -> &SpanCounts {
        self.core.counts()
    }

    pub(crate) fn live(&self) -> &LiveSpans {
        &self.live
    }

    /// Marks this registry's core as the process default, if the global subscriber reports to it.
    pub(crate) fn become_process_default(&self) {
        dispatcher::get_default(|dispatch| {
            let layer = dispatch.downcast_ref::<RegistryLayer>();
            if layer.is_some_and(|layer| ptr::eq(&*layer.0, self)) {
                self.core.become_process_default(dispatch);
            }
        });
    }
}

/// Adds a registry that is used where the subscriber has no agentops layer.
pub(crate) fn add_fallback(registry: &Arc<SessionRegistry>) {
    let mut fallbacks = FALLBACKS.write().unwrap_or_else(PoisonError::into_inner);
    fallbacks.retain(|earlier| earlier.strong_count() > 0);
    fallbacks.push(Arc::downgrade(registry));
}

/// Layer without behaviour that ties a subscriber to its registry: it is found by `downcast_ref`.
#[derive(Debug)]
pub(crate) struct RegistryLayer(pub(crate) Arc<SessionRegistry>);

impl<S: Subscriber> Layer<S> for RegistryLayer {}
