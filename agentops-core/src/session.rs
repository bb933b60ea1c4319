//! The session rule: every span of agentops has a session at its root.
//!
//! [`admit`] is the only place that implements the rule. Three callers apply it: the span factory, the tracer (in
//! the position of a sampler) and the span processor for a provider of the program's own. The session travels in
//! the OpenTelemetry `Context`, so all descendants see it: synchronous and asynchronous code, code below foreign
//! spans, and spans made with OpenTelemetry alone.

#[cfg(feature = "tokio")]
mod abortable;
mod admission;
mod agent_runs;
mod bridged;
mod budget_clock;
mod budget_status;
mod cancellation;
mod cancellation_wakers;
mod carried;
mod core_state;
mod details;
mod details_history;
mod end_state;
mod errors;
mod exceeded;
mod identity;
mod in_session;
mod lease;
mod lease_count;
mod lineage;
mod live_spans;
mod missed_calls;
mod models;
mod open_roots;
mod open_sessions;
mod orphans;
mod propagation;
mod registry;
mod rules;
mod session_context;
mod session_ref;
mod span_counts;
mod stamp;
mod state;
#[cfg(feature = "testing")]
mod test_watch;
mod totals;
mod unrecorded;

pub use self::{
    admission::current_session,
    budget_status::BudgetStatus,
    carried::Carried,
    end_state::EndState,
    models::ModelTotals,
    open_sessions::sessions,
    propagation::{Headers, HeadersMut, extract, inject},
    session_context::{SessionContext, SessionExt, SessionGuard, suppress, thread},
    session_ref::SessionRef,
    totals::Totals,
};
pub(crate) use self::{
    admission::{Refusal, admit, admit_current, count_if_orphan, lease_in, with_current_session},
    agent_runs::{RunStep, run_step_of},
    bridged::{BridgedSpan, WaitingSpan},
    budget_clock::schedule_check,
    cancellation::Cancellation,
    core_state::CoreState,
    details::Details,
    details_history::DetailsVersion,
    exceeded::report_exceeded_budget,
    identity::Identity,
    in_session::{CarriedSpan, InSession, Since},
    lease::SessionLease,
    lineage::{
        EnteredSpan, InnermostOwnSpan, attach_carried, context_to_carry, enter_span,
        innermost_context, parent_beside_foreign,
    },
    live_spans::{
        Amendments, Birth, HeldSpan, LiveSpan, LiveSpans, PendingMerge, SpanSource, list_live,
    },
    missed_calls::{CallLocation, list_calls},
    models::model_of,
    open_sessions::{end_sessions, session_refs},
    orphans::Orphans,
    registry::{DeliveryStats, RegistryLayer, SessionRegistry, add_fallback},
    rules::Rules,
    stamp::{stamp, stamp_any},
    state::SessionState,
    totals::{Counts, amount},
    unrecorded::{core_created, note_unrecorded},
};

#[cfg(feature = "tower")]
pub(crate) use self::propagation::extract_trusting;
#[cfg(feature = "tokio")]
pub use self::session_context::{spawn, spawn_blocking};
#[cfg(feature = "testing")]
pub(crate) use self::test_watch::{Watch, Watched, saw_orphan, saw_session};
