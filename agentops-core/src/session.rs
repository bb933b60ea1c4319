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
mod carried;
mod details;
mod errors;
mod exceeded;
mod history;
mod identity;
mod lease;
mod lineage;
mod live_spans;
mod missed;
mod models;
mod orphans;
mod propagation;
mod registry;
mod session_context;
mod session_ref;
mod stamp;
mod state;
#[cfg(feature = "testing")]
mod test_watch;
mod totals;
mod unrecorded;

pub(crate) use self::{
    admission::{
        CarriedSpan, InSession, Refusal, Since, admit, admit_current, with_current_session,
    },
    agent_runs::{Step, step_of},
    bridged::{BridgedSpan, WaitingSpan},
    budget_clock::schedule_check,
    cancellation::Cancellation,
    details::Details,
    exceeded::report_exceeded_budget,
    history::Version,
    identity::Identity,
    lease::SessionLease,
    lineage::{EnteredSpan, InnermostOwnSpan, attach, carried, enter, innermost, parent_in},
    live_spans::{
        Amendments, Birth, LiveSpan, LiveSpans, PendingMerge, SpanSource, Waited, list_live,
    },
    missed::{Place, listed},
    models::model_of,
    orphans::Orphans,
    registry::{OpenSession, RegistryLayer, Rules, SessionRegistry, add_fallback},
    stamp::{stamp, stamp_any},
    state::SessionState,
    totals::{Counts, amount},
    unrecorded::{core_created, note_unrecorded},
};
pub use self::{
    admission::{current_session, sessions},
    budget_status::BudgetStatus,
    carried::Carried,
    models::ModelTotals,
    propagation::{Headers, HeadersMut, extract, inject},
    session_context::{SessionContext, SessionExt, SessionGuard, suppress, thread},
    session_ref::SessionRef,
    state::EndState,
    totals::Totals,
};

#[cfg(feature = "tower")]
pub(crate) use self::propagation::extract_trusting;
#[cfg(feature = "tokio")]
pub use self::session_context::{spawn, spawn_blocking};
#[cfg(feature = "testing")]
pub(crate) use self::test_watch::{Watch, Watched, saw_orphan, saw_session};
