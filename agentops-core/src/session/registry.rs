//! Registry of one tracing core: its settings, open sessions, live spans and counters.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry::{Context, trace::TraceId};
use tracing::dispatcher;
use tracing_core::Subscriber;
use tracing_subscriber::Layer;

use super::{
    Orphans, Place, SessionRef, SessionState, live_spans::LiveSpans, missed::Missed, orphans,
};
use crate::{
    config::{BudgetCallback, ForeignSpans, OrphanPolicy, Sampling, TrustRemote},
    llm::Prices,
    process::fork,
};

/// Settings that apply when a span starts.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Recording is turned off by the user.
    pub(crate) disabled: bool,
    pub(crate) orphan_policy: OrphanPolicy,
    pub(crate) capture_content: bool,
    pub(crate) redact_credentials: bool,
    pub(crate) max_len: usize,
    pub(crate) sampling: Sampling,
    pub(crate) default_tags: Vec<String>,
    /// Address of the AgentOps app, if the link to a session is to be logged at its start.
    pub(crate) replay_url: Option<String>,
    pub(crate) may_use_stderr: bool,
    pub(crate) trust_remote: TrustRemote,
    pub(crate) foreign_spans: ForeignSpans,
    pub(crate) on_budget_exceeded: Option<BudgetCallback>,
    pub(crate) prices: Prices,
    /// Longest time that a session stays open after its function has returned, for calls, streams and tasks that
    /// still run.
    pub(crate) drain_timeout: Duration,
}

/// Session that has started and not ended, with the context of its root.
#[derive(Clone, Debug)]
pub(crate) struct OpenSession {
    pub(crate) state: Arc<SessionState>,
    pub(crate) root: Context,
}

/// Registry of the sessions of one tracing core: settings, live spans, and counts of started and refused spans.
#[doc(alias = "Registry")]
#[derive(Debug)]
pub(crate) struct SessionRegistry {
    rules: Rules,
    live: LiveSpans,
    sessions: Mutex<HashMap<TraceId, OpenSession>>,
    open: AtomicBool,
    started: AtomicU64,
    orphans: AtomicU64,
    late: AtomicU64,
    rejected: AtomicU64,
    /// Calls outside of any session, by callsite.
    orphan_calls: Missed,
    /// Calls that ended after their session, by callsite.
    late_calls: Missed,
    /// Callsites that count their own orphans.
    counting: Mutex<Vec<(Place, &'static Orphans)>>,
    is_process_default: AtomicBool,
    /// Counters of the delivery, whose type is defined above this module.
    deliveries: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// Number of open registries in this process; at zero, every entry point returns at once.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Registries for code whose subscriber has no agentops layer; the last one that is open is used.
static FALLBACKS: RwLock<Vec<Weak<SessionRegistry>>> = RwLock::new(Vec::new());

impl SessionRegistry {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        OPEN.fetch_add(usize::from(!rules.disabled), Ordering::Relaxed);
        Arc::new(Self {
            open: AtomicBool::new(!rules.disabled),
            live: LiveSpans::default(),
            sessions: Mutex::default(),
            rules,
            started: AtomicU64::new(0),
            orphans: AtomicU64::new(0),
            late: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            orphan_calls: Missed::default(),
            late_calls: Missed::default(),
            counting: Mutex::default(),
            is_process_default: AtomicBool::new(false),
            deliveries: OnceLock::new(),
        })
    }

    /// Returns `true` if any core of this process records.
    pub(crate) fn any_open() -> bool {
        OPEN.load(Ordering::Relaxed) > 0 && !fork::is_child()
    }

    /// Returns the registry that the calling code's subscriber reports to, if it is open, or else the fallback.
    pub(crate) fn find() -> Option<Arc<Self>> {
        Self::of_subscriber().filter(|registry| registry.is_open()).or_else(Self::fallback)
    }

    /// Returns the registry that the calling code's subscriber reported to, if it has been shut down.
    pub(crate) fn find_shut_down() -> Option<Arc<Self>> {
        Self::of_subscriber().filter(|registry| !registry.is_open() && !registry.rules.disabled)
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
        fallbacks().rev().find(|registry| registry.is_open())
    }

    /// Sets the counters of the delivery, once.
    pub(crate) fn set_deliveries(&self, counters: Arc<dyn Any + Send + Sync>) {
        let _ = self.deliveries.set(counters);
    }

    /// Returns the counters of the delivery, whose type is the caller's.
    pub(crate) fn deliveries<T: Any>(&self) -> Option<&T> {
        self.deliveries.get()?.downcast_ref()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn live(&self) -> &LiveSpans {
        &self.live
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) && !fork::is_child()
    }

    /// Stops admitting spans: the core is shutting down.
    pub(crate) fn close(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            if self.is_process_default.load(Ordering::Relaxed) {
                orphans::leave();
            }
        }
    }

    /// Marks this registry as the one that the global subscriber reports to.
    pub(crate) fn settle(&self) {
        dispatcher::get_default(|dispatch| {
            let layer = dispatch.downcast_ref::<RegistryLayer>();
            if layer.is_some_and(|layer| ptr::eq(&*layer.0, self)) {
                self.is_process_default.store(true, Ordering::Relaxed);
                orphans::settle(dispatch);
            }
        });
    }

    /// Adds a session to the open ones.
    pub(crate) fn add_session(&self, trace: TraceId, session: OpenSession) {
        self.sessions().insert(trace, session);
    }

    /// Removes a session that ends and returns it, so that the caller drops it outside of the lock: a context may
    /// hold values of any type.
    pub(super) fn take_session(&self, trace: TraceId) -> Option<OpenSession> {
        self.sessions().remove(&trace)
    }

    /// Returns the root context of a session that has not ended.
    pub(crate) fn root_of(&self, trace: TraceId) -> Option<Context> {
        self.sessions().get(&trace).map(|session| session.root.clone())
    }

    /// Returns the sessions that have started and not ended.
    pub(crate) fn open_sessions(&self) -> Vec<OpenSession> {
        self.sessions().values().cloned().collect()
    }

    /// Returns `true` if a session has started and not ended.
    pub(crate) fn has_open_session(&self) -> bool {
        !self.sessions().is_empty()
    }

    /// Returns read-only references to the open sessions, the earliest first.
    pub(crate) fn look(&self) -> Vec<SessionRef> {
        let mut open = self.open_sessions();
        open.sort_by_key(|session| session.state.started());
        open.iter().filter_map(|session| session.state.look()).collect()
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<TraceId, OpenSession>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts headers of another process that were rejected.
    pub(crate) fn count_rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn count_started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call outside of any session.
    pub(crate) fn count_orphan(&self, place: &Place) {
        self.orphans.fetch_add(1, Ordering::Relaxed);
        self.orphan_calls.add(place);
    }

    /// Notes the callsite of a call that ended after its session.
    pub(crate) fn note_late(&self, place: &Place) {
        self.late_calls.add(place);
    }

    /// Lets a callsite count its further orphans by itself, once all warnings about it have been reported.
    pub(crate) fn let_callsite_count(&self, place: Place, orphans: &'static Orphans) {
        if self.is_process_default.load(Ordering::Relaxed) && orphans.mark_listed() {
            self.counting().push((place, orphans));
        }
    }

    fn counting(&self) -> MutexGuard<'_, Vec<(Place, &'static Orphans)>> {
        self.counting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    pub(crate) fn orphans(&self) -> u64 {
        let by_themselves: u64 = self.counting().iter().map(|(_, orphans)| orphans.counted()).sum();
        self.orphans.load(Ordering::Relaxed) + by_themselves
    }

    pub(crate) fn late(&self) -> u64 {
        self.late.load(Ordering::Relaxed)
    }

    /// Returns the calls outside of any session, by callsite.
    pub(crate) fn orphan_calls(&self) -> BTreeMap<Place, u64> {
        let mut calls = self.orphan_calls.all();
        for (place, orphans) in &*self.counting() {
            *calls.entry(place.clone()).or_default() += orphans.counted();
        }
        calls
    }

    /// Returns the calls that ended after their session, by callsite.
    pub(crate) fn late_calls(&self) -> BTreeMap<Place, u64> {
        self.late_calls.all()
    }
}

impl Drop for SessionRegistry {
    fn drop(&mut self) {
        self.close();
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
