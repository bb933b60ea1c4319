//! The session rule: every span of agentops has a session at its root.
//!
//! [`admit`] is the only place that implements the rule. It reads nothing but an OpenTelemetry `Context`:
//!
//! | context | answer |
//! |---|---|
//! | telemetry is suppressed, or the process is a forked child | [`Refusal::Silent`] |
//! | no [`InSession`] | [`Refusal::NoSession`]: an orphan, counted, and warned of once per callsite |
//! | a session that is not sampled | [`Refusal::Silent`] |
//! | a sampled session, open or ended | admitted; a span that ends after its session is late |
//!
//! Three callers apply it: `span::admission` before a span exists, `bridge::tracer` in the position of a sampler, and
//! `bridge::processor` for a provider of the program's own.
//!
//! ```text
//! Context ─▶ InSession ─┬─▶ SessionState ─▶ CoreState: rules, counters, roots of the open sessions
//!                       │        ▲              ▲
//!                       │    LiveSpan           │
//!                       │        ▲              │
//!                       └─▶ SessionRegistry ────┘
//! ```
//!
//! The session travels in the context, so all descendants see it: synchronous and asynchronous code, code below
//! foreign spans, and spans made with OpenTelemetry alone. Tasks and threads inherit no context; [`SessionContext`]
//! and [`SessionExt`] carry it there, [`inject`] and [`extract`] to other processes.
//!
//! A session is open from the start of its root, when [`CoreState`] lists the root's context, until it finishes
//! (`lease.rs`). To finish is one atomic swap: its winner takes the root from the list, sets the totals on it and ends
//! it, so the root is ended once, and its totals contain exactly the spans that are not late.
//!
//! Live spans hold their session, so a session does not hold the registry: what both need is in [`CoreState`].

#[cfg(feature = "tokio")]
mod abortable_task;
mod admission;
mod agent_runs;
mod amendments;
mod bridged_span;
mod budget_clock;
mod budget_status;
mod cancellation;
mod cancellation_wakers;
mod carried;
mod core_state;
mod details;
mod details_history;
mod end_state;
mod error_count;
mod exceeded_budget;
mod identity;
mod in_session;
mod innermost_span;
mod lease;
mod lease_count;
mod live_spans;
mod missed_calls;
mod model_totals;
mod open_roots;
mod open_sessions;
mod orphans;
mod propagation;
mod registry;
mod rules;
mod session_context;
mod session_ref;
mod session_stamps;
mod span_counts;
mod state;
#[cfg(feature = "testing")]
mod test_watch;
mod totals;
mod unrecorded_sessions;

pub use self::{
    admission::current_session,
    budget_status::BudgetStatus,
    carried::Carried,
    end_state::EndState,
    model_totals::ModelTotals,
    open_sessions::sessions,
    propagation::{Headers, HeadersMut, extract, inject},
    session_context::{SessionContext, SessionExt, SessionGuard, suppress, thread},
    session_ref::SessionRef,
    totals::Totals,
};
pub(crate) use self::{
    admission::{Refusal, admit, admit_current, count_if_orphan, lease_in, with_current_session},
    agent_runs::{RunStep, run_step_of},
    amendments::{Amendments, PendingMerge},
    bridged_span::{BridgedSpan, WaitingSpan},
    budget_clock::schedule_check,
    cancellation::Cancellation,
    core_state::CoreState,
    details::Details,
    details_history::DetailsVersion,
    exceeded_budget::report_exceeded_budget,
    identity::Identity,
    in_session::{CarriedSpan, InSession, Since},
    innermost_span::{
        EnteredSpan, InnermostOwnSpan, attach_carried, context_to_carry, enter_span,
        innermost_context, parent_beside_foreign,
    },
    lease::SessionLease,
    live_spans::{Birth, HeldSpan, LiveSpan, LiveSpans, SpanSource, list_live},
    missed_calls::{CallLocation, list_calls},
    model_totals::model_of,
    open_sessions::{end_sessions, session_refs},
    orphans::Orphans,
    registry::{DeliveryStats, RegistryLayer, SessionRegistry, add_fallback},
    rules::Rules,
    session_stamps::{stamp, stamps_at_start},
    state::SessionState,
    totals::{RunningTotals, valid_cost},
    unrecorded_sessions::{note_core_created, note_unrecorded},
};

#[cfg(feature = "tower")]
pub(crate) use self::propagation::extract_trusting;
#[cfg(feature = "tokio")]
pub use self::session_context::{spawn, spawn_blocking};
#[cfg(feature = "testing")]
pub(crate) use self::test_watch::{TestSightings, TestWatch, saw_orphan, saw_session};
