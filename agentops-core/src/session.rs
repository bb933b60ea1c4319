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
mod agent_runs;
mod bridged_span;
mod budget_clock;
mod budget_status;
mod cancellation;
mod cancellation_wakers;
mod core_rules;
mod core_state;
mod end_state;
mod error_count;
mod exceeded_budget;
mod in_session;
mod in_session_wrapper;
mod innermost_span;
mod lease_count;
mod live_spans;
mod missed_calls;
mod model_totals;
mod open_roots;
mod open_sessions;
mod orphans;
mod propagation;
mod session_context;
mod session_details;
mod session_details_history;
mod session_identity;
mod session_lease;
mod session_ref;
mod session_registry;
mod session_rule;
mod session_stamps;
mod session_state;
mod session_totals;
mod span_amendments;
mod span_counts;
#[cfg(feature = "testing")]
mod test_watch;
mod unrecorded_sessions;

pub(crate) use self::{
    agent_runs::{RunStep, run_step_of},
    bridged_span::{BridgedSpan, WaitingSpan},
    budget_clock::schedule_check,
    cancellation::Cancellation,
    core_rules::Rules,
    core_state::CoreState,
    exceeded_budget::report_exceeded_budget,
    in_session::{CarriedSpan, InSession, Since},
    innermost_span::{
        EnteredSpan, EnteredTracingSpan, InnermostOwnSpan, attach_carried, context_to_carry,
        enter_span, innermost_context, parent_beside_foreign, parent_in_layer,
    },
    live_spans::{Birth, HeldSpan, LiveSpan, LiveSpans, SpanSource, list_live},
    missed_calls::{CallLocation, list_calls},
    model_totals::model_of,
    open_sessions::{end_sessions, session_refs},
    orphans::Orphans,
    session_details::Details,
    session_details_history::DetailsVersion,
    session_identity::Identity,
    session_lease::SessionLease,
    session_registry::{DeliveryStats, RegistryLayer, SessionRegistry, add_fallback},
    session_rule::{
        Refusal, admit, admit_current, count_if_orphan, lease_in, with_current_session,
    },
    session_stamps::{stamp, stamps_at_start},
    session_state::SessionState,
    session_totals::{RunningTotals, valid_cost},
    span_amendments::{Amendments, PendingMerge},
    unrecorded_sessions::{note_core_created, note_unrecorded},
};
pub use self::{
    budget_status::BudgetStatus,
    end_state::EndState,
    in_session_wrapper::Carried,
    model_totals::ModelTotals,
    open_sessions::sessions,
    propagation::{Headers, HeadersMut, extract, inject},
    session_context::{SessionContext, SessionExt, SessionGuard, suppress, thread},
    session_ref::SessionRef,
    session_rule::current_session,
    session_totals::Totals,
};

#[cfg(feature = "tower")]
pub(crate) use self::propagation::extract_trusting;
#[cfg(feature = "tokio")]
pub use self::session_context::{spawn, spawn_blocking};
#[cfg(feature = "testing")]
pub(crate) use self::test_watch::{TestSightings, TestWatch, saw_orphan, saw_session};
