//! State of one session: its identity, whether it has ended, and its usage.

use std::{
    mem,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Instant, SystemTime},
};

use opentelemetry::{
    KeyValue,
    trace::{SpanContext, SpanId, TraceId},
};
use opentelemetry_sdk::trace::SpanData;

use super::{
    BudgetStatus, Details, Identity, SessionRef, SessionRegistry, Totals,
    cancellation::Waiting,
    history::{History, Known},
    lease::Leases,
    totals::Counts,
};
use crate::{
    attribute::find,
    config::{BudgetExceeded, Used},
    llm::NoPrice,
    process::{fork, presentable::name, report},
    record::semconv::{self, LATE},
};

/// End state of a session, recorded as `agentops.session.end_state` on its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndState {
    /// The session completed without an error.
    Success,
    /// The session returned an error or panicked.
    Failure,
    /// The session was cancelled, or its handle was dropped without an end.
    Indeterminate,
    /// Tracing or the process was shut down while the session's function was running.
    Shutdown,
    /// The process died while the session was running. Set by the process that later closes or sends what the dead
    /// one left on disk.
    Aborted,
}

impl EndState {
    /// Returns the value of `agentops.session.end_state`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::Indeterminate => "Indeterminate",
            Self::Shutdown => "Shutdown",
            Self::Aborted => "Aborted",
        }
    }
}

/// State of a session, shared by everything that runs in it.
#[derive(Debug)]
pub(crate) struct SessionState {
    identity: Identity,
    trace: OnceLock<(TraceId, Arc<str>)>,
    /// The session's own span, or the span of another process that it continues from.
    root: OnceLock<SpanContext>,
    history: History,
    sampled: bool,
    has_limits: bool,
    ended: AtomicBool,
    has_adopted: AtomicBool,
    pub(super) leases: Leases,
    counts: Counts,
    /// Totals of the spans that ended after the session.
    late: OnceLock<Box<Counts>>,
    started: Instant,
    exceeded: OnceLock<BudgetExceeded>,
    told_of_budget: AtomicBool,
    warned_of_dropped_details: AtomicBool,
    /// Reason why the budget's limit in dollars cannot be enforced, if there is one.
    unpriced: OnceLock<NoPrice>,
    /// Wakers of everything that waits to be cancelled.
    pub(super) waiting: Waiting,
    registry: Arc<SessionRegistry>,
}

impl SessionState {
    pub(crate) fn new(
        registry: Arc<SessionRegistry>,
        mut identity: Identity,
        sampled: bool,
    ) -> Self {
        let fits = identity.bound();
        let session = Self {
            history: History::new(mem::take(&mut identity.details)),
            has_limits: identity.budget.has_limits(),
            identity,
            trace: OnceLock::new(),
            root: OnceLock::new(),
            sampled,
            ended: AtomicBool::new(false),
            has_adopted: AtomicBool::new(false),
            leases: Leases::new(),
            counts: Counts::default(),
            late: OnceLock::new(),
            started: Instant::now(),
            exceeded: OnceLock::new(),
            told_of_budget: AtomicBool::new(false),
            warned_of_dropped_details: AtomicBool::new(false),
            unpriced: OnceLock::new(),
            waiting: Waiting::default(),
            registry,
        };
        if !fits {
            session.warn_of_dropped_details();
        }
        session
    }

    pub(crate) fn registry(&self) -> &Arc<SessionRegistry> {
        &self.registry
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.sampled
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Marks the session as ended; spans that end from now on are late. Returns `false` if it had ended before:
    /// only the first call counts.
    pub(super) fn mark_ended(&self) -> bool {
        !self.ended.swap(true, Ordering::AcqRel)
    }

    /// Returns the id that every span carries. Without an id of the program's own, it is the trace id, which is
    /// known once the root is built.
    pub(crate) fn id(&self, trace: TraceId) -> Arc<str> {
        match &self.identity.session_id {
            Some(id) => Arc::clone(id),
            None => Arc::clone(&self.trace.get_or_init(|| (trace, trace.to_string().into())).1),
        }
    }

    /// Returns the id that the program has set, in this process or in the one that the session continues from.
    pub(crate) fn given_id(&self) -> Option<&Arc<str>> {
        // A caller without an id of its own propagates its trace id in place of one.
        let is_trace = |id: &Arc<str>| self.trace.get().is_some_and(|(_, trace)| trace == id);
        self.identity.session_id.as_ref().filter(|id| !is_trace(id))
    }

    /// Returns the id, if it is known yet.
    pub(crate) fn known_id(&self) -> Option<&Arc<str>> {
        self.identity.session_id.as_ref().or(self.trace.get().map(|(_, id)| id))
    }

    pub(crate) fn set_root(&self, root: &SpanContext) {
        let trace = root.trace_id();
        let _ = self.trace.set((trace, trace.to_string().into()));
        let _ = self.root.set(root.clone());
        self.counts.errors().set_root(root.span_id());
    }

    pub(crate) fn root(&self) -> Option<&SpanContext> {
        self.root.get()
    }

    pub(crate) fn trace(&self) -> Option<TraceId> {
        self.trace.get().map(|(trace, _)| *trace)
    }

    pub(crate) fn is_of_trace(&self, trace: TraceId) -> bool {
        self.trace() == Some(trace)
    }

    /// Returns the user, tags and metadata as they are now.
    pub(crate) fn known(&self) -> Known<'_> {
        self.history.now()
    }

    /// Returns the user, tags and metadata as they were at `time`.
    pub(crate) fn known_at(&self, time: SystemTime) -> Known<'_> {
        self.history.at(time)
    }

    /// Returns the attributes that have changed since the start, for the root.
    pub(crate) fn changes(&self) -> Vec<KeyValue> {
        if !self.history.has_changed() {
            return Vec::new();
        }
        let known = self.known();
        let user = known.user_id().map(|user| KeyValue::new(semconv::USER_ID, Arc::clone(user)));
        let stamps = user.into_iter().chain(known.stamps().iter().cloned());
        known.root_attributes().chain(stamps).collect()
    }

    /// Changes the details from now on. Returns `false` if they exceed the limits. Once the session has ended, or
    /// in a forked child, it does nothing and returns `true`.
    pub(super) fn change(&self, change: impl FnOnce(&mut Details) -> bool) -> bool {
        self.has_ended() || fork::is_child() || self.history.change(change)
    }

    /// Warns, once per session, that tags or metadata were dropped.
    pub(super) fn warn_of_dropped_details(&self) {
        if !self.warned_of_dropped_details.swap(true, Ordering::Relaxed) {
            report::warn(
                self.registry.rules().may_use_stderr,
                &format_args!(
                    "session `{}` has as many tags or keys of metadata as are kept, and further ones are \
                     not; say what belongs to one call by `current().set_attribute`",
                    name(&self.identity.name)
                ),
            );
        }
    }

    /// Notes that a framework's span has started in the session.
    pub(crate) fn note_adopted(&self) {
        self.has_adopted.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if a framework's span has started in the session.
    pub(crate) fn has_adopted(&self) -> bool {
        self.has_adopted.load(Ordering::Relaxed)
    }

    /// Returns the totals that a span is added to.
    #[inline(always)]
    fn counts_of(&self, span: &SpanData) -> &Counts {
        if self.has_ended() { self.late_counts(span) } else { &self.counts }
    }

    #[cold]
    fn late_counts(&self, span: &SpanData) -> &Counts {
        if find(&span.attributes, LATE).is_some() {
            self.late.get_or_init(Box::default)
        } else {
            &self.counts
        }
    }

    /// Adds one ended span below the root to the totals, in the slot of its kind.
    #[inline(always)]
    pub(crate) fn count(&self, slot: usize, span: &SpanData) {
        self.counts_of(span).add(slot, span);
    }

    /// Records the end of a span that is not counted, so that its errors are passed on to its caller. Its children
    /// refer to it by `id`.
    pub(crate) fn record_uncounted_end(&self, id: SpanId, span: &SpanData) {
        self.counts.errors().ended(id, span);
    }

    /// Adds the tokens of a model call that was counted before they were known.
    pub(crate) fn count_tokens(&self, span: &SpanData, knew_model: bool) {
        self.counts_of(span).add_tokens(span, knew_model);
    }

    /// Adds a cost in US dollars that belongs to no model.
    pub(crate) fn spend(&self, usd: f64) {
        self.counts.spend(usd);
    }

    /// Sets the cost of the session's own span, replacing an earlier one.
    pub(crate) fn set_own_cost(&self, usd: f64) {
        self.counts.set_own_cost(usd);
    }

    /// Adds the cost of a call that was counted before it was known.
    pub(crate) fn add_cost(&self, span: &SpanData, usd: f64) {
        self.counts_of(span).add_cost(span, usd);
    }

    /// Returns the totals of the spans that ended after the session.
    pub(crate) fn late_totals(&self) -> Totals {
        self.late.get().map_or_else(|| Counts::default().totals(), |late| late.totals())
    }

    pub(crate) fn totals(&self) -> Totals {
        self.counts.totals()
    }

    /// Returns the session's budget and its usage. Once a limit is exceeded, the status stays exceeded.
    pub(crate) fn budget(&self) -> BudgetStatus {
        let (budget, totals, elapsed) =
            (self.identity.budget, self.totals(), self.started.elapsed());
        let usd = totals.cost_usd().unwrap_or_default();
        let used = Used { tokens: totals.usage().total(), usd, time: elapsed };
        let exceeded = self.exceeded.get().cloned().or_else(|| {
            let id = self.known_id().map_or("", |id| id);
            let exceeded = budget.exceeded(&used, &self.identity.name, id)?;
            Some(self.exceeded.get_or_init(|| exceeded).clone())
        });
        BudgetStatus { budget, totals, elapsed, exceeded }
    }

    /// Returns `true` if the budget sets any limit.
    pub(crate) fn has_limits(&self) -> bool {
        self.has_limits
    }

    /// Returns the exceeded limit to the first caller that asks after it was exceeded, then `None`.
    pub(crate) fn take_budget_notice(&self) -> Option<BudgetExceeded> {
        if !self.has_limits || self.told_of_budget.load(Ordering::Relaxed) {
            return None;
        }
        let exceeded = self.budget().exceeded?;
        (!self.told_of_budget.swap(true, Ordering::AcqRel)).then_some(exceeded)
    }

    /// Notes a call without a known price, if the budget limits the cost.
    pub(crate) fn note_unpriced(&self, span: &SpanData) {
        if self.identity.budget.limits_cost() {
            self.unpriced
                .get_or_init(|| self.registry.rules().prices.why_unknown(&span.attributes));
        }
    }

    /// Returns the reason why the limit in dollars cannot be enforced, if it is the first of its kind in the
    /// process.
    pub(crate) fn take_unpriced_notice(&self) -> Option<&NoPrice> {
        self.unpriced.get().filter(|why| why.is_news())
    }

    /// Returns a reference for the program; `None` if the session has no root, and so is not recorded.
    pub(crate) fn look(self: &Arc<Self>) -> Option<SessionRef> {
        SessionRef::new(Arc::clone(self))
    }
}
