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
    Context, KeyValue,
    trace::{SpanContext, SpanId, TraceId},
};
use opentelemetry_sdk::trace::SpanData;

use super::{
    BudgetStatus, Details, Identity, Rules, Totals,
    cancellation_wakers::CancellationWakers,
    core_state::CoreState,
    lease_count::LeaseCount,
    session_details_history::{DetailsAt, DetailsHistory},
    session_totals::RunningTotals,
};
use crate::{
    attribute::find,
    config::{BudgetExceeded, Used},
    llm::NoPrice,
    process::{FirstTime, fork, presentable::name},
    record::{
        RecordedKind,
        semconv::{self, LATE},
    },
};

/// State of a session, shared by everything that runs in it.
#[derive(Debug)]
pub(crate) struct SessionState {
    identity: Identity,
    trace: OnceLock<(TraceId, Arc<str>)>,
    /// The session's own span, or the span of another process that it continues from.
    root: OnceLock<SpanContext>,
    history: DetailsHistory,
    sampled: bool,
    // Computed once, since the end of each call asks for it.
    has_limits: bool,
    ended: AtomicBool,
    has_adopted: AtomicBool,
    pub(super) leases: LeaseCount,
    totals: RunningTotals,
    /// Totals of the spans that ended after the session.
    // In a box, since few sessions have late spans.
    late: OnceLock<Box<RunningTotals>>,
    started: Instant,
    exceeded: OnceLock<BudgetExceeded>,
    budget_report: FirstTime,
    details_warning: FirstTime,
    /// Reason why the budget's limit in dollars cannot be enforced, if there is one.
    unpriced: OnceLock<NoPrice>,
    pub(super) wakers: CancellationWakers,
    core: Arc<CoreState>,
}

impl SessionState {
    pub(crate) fn new(core: Arc<CoreState>, mut identity: Identity, sampled: bool) -> Self {
        let fits = identity.bound();
        let session = Self {
            history: DetailsHistory::new(mem::take(&mut identity.details)),
            has_limits: identity.budget.has_limits(),
            identity,
            trace: OnceLock::new(),
            root: OnceLock::new(),
            sampled,
            ended: AtomicBool::new(false),
            has_adopted: AtomicBool::new(false),
            leases: LeaseCount::new(),
            totals: RunningTotals::default(),
            late: OnceLock::new(),
            started: Instant::now(),
            exceeded: OnceLock::new(),
            budget_report: FirstTime::new(),
            details_warning: FirstTime::new(),
            unpriced: OnceLock::new(),
            wakers: CancellationWakers::default(),
            core,
        };
        if !fits {
            session.warn_of_dropped_details();
        }
        session
    }

    /// Returns the state of the core that the session belongs to.
    pub(crate) fn core(&self) -> &CoreState {
        &self.core
    }

    /// Returns the settings that apply when a span starts.
    pub(crate) fn rules(&self) -> &Rules {
        self.core.rules()
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
        self.totals.errors().set_root(root.span_id());
    }

    pub(crate) fn root(&self) -> Option<&SpanContext> {
        self.root.get()
    }

    pub(crate) fn trace(&self) -> Option<TraceId> {
        self.trace.get().map(|(trace, _)| *trace)
    }

    /// Returns the context with the session's own span, while the session is open.
    pub(crate) fn root_context(&self) -> Option<Context> {
        self.core.roots().get(self.trace()?)
    }

    pub(crate) fn is_of_trace(&self, trace: TraceId) -> bool {
        self.trace() == Some(trace)
    }

    /// Returns the user, tags and metadata as they are now.
    pub(crate) fn details(&self) -> DetailsAt<'_> {
        self.history.now()
    }

    /// Returns the user, tags and metadata as they were at `time`.
    pub(crate) fn details_at(&self, time: SystemTime) -> DetailsAt<'_> {
        self.history.at(time)
    }

    /// Returns the attributes that have changed since the start, for the root.
    pub(crate) fn changes(&self) -> Vec<KeyValue> {
        if !self.history.has_changed() {
            return Vec::new();
        }
        let details = self.details();
        let user = details.user_id().map(|user| KeyValue::new(semconv::USER_ID, Arc::clone(user)));
        let stamps = user.into_iter().chain(details.stamps().iter().cloned());
        details.root_attributes().chain(stamps).collect()
    }

    /// Changes the details from now on. Returns `false` if they exceed the limits. Once the session has ended, or
    /// in a forked child, it does nothing and returns `true`.
    pub(super) fn change_details(&self, change: impl FnOnce(&mut Details) -> bool) -> bool {
        self.has_ended() || fork::is_child() || self.history.change(change)
    }

    /// Warns, once per session, that tags or metadata were dropped.
    pub(super) fn warn_of_dropped_details(&self) {
        if self.details_warning.claim() {
            self.rules().reporter.warn(&format_args!(
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
    fn totals_of(&self, span: &SpanData) -> &RunningTotals {
        if self.has_ended() { self.late_totals_of(span) } else { &self.totals }
    }

    #[cold]
    fn late_totals_of(&self, span: &SpanData) -> &RunningTotals {
        if find(&span.attributes, LATE).is_some() {
            self.late.get_or_init(Box::default)
        } else {
            &self.totals
        }
    }

    /// Adds one ended span below the root to the totals.
    #[inline(always)]
    pub(crate) fn add_span(&self, kind: RecordedKind, span: &SpanData) {
        self.totals_of(span).add(kind, span);
    }

    /// Records the end of a span that is not counted, so that its errors are passed on to its caller. Its children
    /// refer to it by `id`.
    pub(crate) fn record_uncounted_end(&self, id: SpanId, span: &SpanData) {
        self.totals.errors().record_end(id, span);
    }

    /// Adds the tokens of a model call that was counted before they were known.
    pub(crate) fn add_tokens(&self, span: &SpanData, knew_model: bool) {
        self.totals_of(span).add_tokens(span, knew_model);
    }

    /// Adds a cost in US dollars that belongs to no model.
    pub(crate) fn add_other_cost(&self, usd: f64) {
        self.totals.add_other_cost(usd);
    }

    /// Sets the cost of the session's own span, replacing an earlier one.
    pub(crate) fn set_own_cost(&self, usd: f64) {
        self.totals.set_own_cost(usd);
    }

    /// Adds the cost of a call that was counted before it was known.
    pub(crate) fn add_cost(&self, span: &SpanData, usd: f64) {
        self.totals_of(span).add_cost(span, usd);
    }

    /// Returns the totals of the spans that ended after the session.
    pub(crate) fn late_totals(&self) -> Totals {
        self.late.get().map_or_else(|| RunningTotals::default().totals(), |late| late.totals())
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals.totals()
    }

    /// Compares the usage with the budget and returns both. The first limit that is found exceeded is kept: the status
    /// stays exceeded.
    pub(crate) fn check_budget(&self) -> BudgetStatus {
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

    /// Claims the report of an exceeded limit: returns the limit to the first caller after it was exceeded, then
    /// `None`.
    pub(crate) fn claim_budget_report(&self) -> Option<BudgetExceeded> {
        if !self.has_limits || self.budget_report.is_claimed() {
            return None;
        }
        let exceeded = self.check_budget().exceeded?;
        self.budget_report.claim().then_some(exceeded)
    }

    /// Notes a call without a known price, if the budget limits the cost.
    pub(crate) fn note_unpriced(&self, span: &SpanData) {
        if self.identity.budget.limits_cost() {
            self.unpriced.get_or_init(|| self.rules().prices.why_unknown(&span.attributes));
        }
    }

    /// Claims the warning that the limit in dollars cannot be enforced: returns the reason to the first caller in the
    /// process that has one of its kind.
    pub(crate) fn claim_unpriced_warning(&self) -> Option<&NoPrice> {
        self.unpriced.get().filter(|why| why.claim_warning())
    }

    /// Wakes everything that waits to be cancelled.
    pub(crate) fn wake_cancellable(&self) {
        self.wakers.wake_all();
    }
}
