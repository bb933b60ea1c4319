//! Registry of one tracing core, and the search for the one that the calling code reports to.

use std::{
    fmt::Debug,
    ptr,
    sync::{Arc, OnceLock, PoisonError, RwLock, Weak},
};

use tracing::dispatcher;
use tracing_core::Subscriber;
use tracing_subscriber::Layer;

use super::{Rules, core_state::CoreState, live_spans::LiveSpans, span_counts::SpanCounts};
use crate::{process::fork, record::Stats};

/// Counters of the delivery of one core. The queue and the transport, which build on this module, keep them.
pub(crate) trait DeliveryStats: Debug + Send + Sync {
    fn stats(&self) -> Stats;
}

/// Registry of one tracing core: the state that its sessions reach, and its live spans. Live spans hold their
/// sessions, so sessions cannot hold the registry; [`InSession`](super::InSession) holds both.
#[doc(alias = "Registry")]
#[derive(Debug)]
pub(crate) struct SessionRegistry {
    core: Arc<CoreState>,
    live: LiveSpans,
    /// Counters of the delivery, once it has started.
    delivery: OnceLock<Arc<dyn DeliveryStats>>,
}

/// Registries for code whose subscriber has no agentops layer; the last one that is open is used.
static FALLBACKS: RwLock<Vec<Weak<SessionRegistry>>> = RwLock::new(Vec::new());

impl SessionRegistry {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self {
            core: CoreState::new(rules),
            live: LiveSpans::default(),
            delivery: OnceLock::new(),
        })
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

    /// Returns the registry whose counters the calling code reads: that of [`find`](Self::find), or else the one that
    /// was there before it was shut down.
    pub(crate) fn find_counters() -> Option<Arc<Self>> {
        Self::find().or_else(Self::find_shut_down).or_else(|| fallbacks().last())
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
        fallbacks().rev().find(|registry| registry.core.is_open())
    }

    pub(crate) fn core(&self) -> &Arc<CoreState> {
        &self.core
    }

    /// Sets the counters of the delivery, once.
    pub(crate) fn set_delivery(&self, counters: Arc<dyn DeliveryStats>) {
        let _ = self.delivery.set(counters);
    }

    /// Returns the counters of the core. A forked child has none.
    pub(crate) fn stats(&self) -> Stats {
        let delivery = self.delivery.get().filter(|_| !fork::is_child());
        delivery.map(|delivery| self.add_starts(&delivery.stats())).unwrap_or_default()
    }

    /// Adds the counters of the spans that started to those of the spans that ended.
    pub(crate) fn add_starts(&self, ended: &Stats) -> Stats {
        let counts = self.counts();
        Stats {
            started: counts.started(),
            orphans: counts.orphans(),
            late: counts.late(),
            rejected: counts.rejected(),
            ..ended.clone()
        }
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

/// Returns the fallbacks in the order in which they were added.
fn fallbacks() -> impl DoubleEndedIterator<Item = Arc<SessionRegistry>> {
    let fallbacks = FALLBACKS.read().unwrap_or_else(PoisonError::into_inner);
    let alive: Vec<_> = fallbacks.iter().filter_map(Weak::upgrade).collect();
    alive.into_iter()
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
