//! The session rule: no span of ours exists without a session at its root.
//!
//! The rule is written once, in [`context::admit`], and asked at three doors: the span factory, the tracer,
//! which stands where a sampler would, and the processor of a provider of the user's own. A session travels in
//! the OpenTelemetry `Context`, so every descendant sees it: sync, async, across foreign spans, in pure
//! OpenTelemetry children.

#[cfg(feature = "tokio")]
mod abortable;
mod bridged;
mod cancellation;
mod carried;
mod carry;
mod context;
mod details;
mod errors;
mod exceeded;
mod history;
mod identity;
mod lease;
mod lineage;
mod live;
mod look;
mod missed;
mod models;
mod orphans;
mod propagation;
mod registry;
mod runs;
mod state;
mod status;
mod totals;
mod unrecorded;
#[cfg(feature = "testing")]
mod watch;

#[cfg(feature = "tokio")]
pub use self::carry::{spawn, spawn_blocking};
#[cfg(feature = "tower")]
pub(crate) use self::propagation::extract_trusting;
#[cfg(feature = "testing")]
pub(crate) use self::watch::{Watch, Watched, saw_orphan, saw_session};
pub(crate) use self::{
    bridged::{BridgedSpan, WaitingSpan},
    cancellation::Cancellation,
    context::{InSession, OwnPlace, Refusal, Since, admit, admit_current, look_around},
    details::Details,
    exceeded::tell_of_budget,
    history::Version,
    identity::Identity,
    lease::Lease,
    lineage::{EnteredSpan, Ours, attach, carried, enter, innermost, parent_in},
    live::{Birth, Inner, LiveSpan, LiveSpans, Origin, Told, Waited},
    missed::{Place, listed},
    models::model_of,
    orphans::Orphans,
    registry::{OpenSession, RegistryLayer, Rules, SessionRegistry, add_fallback},
    runs::{Step, step_of},
    state::SessionState,
    totals::{Counts, amount},
    unrecorded::{note_core, note_unrecorded},
};
pub use self::{
    carried::Carried,
    carry::{SessionContext, SessionExt, SessionGuard, suppress, thread},
    context::{current_session, sessions},
    look::SessionRef,
    models::ModelTotals,
    propagation::{Headers, HeadersMut, extract, inject},
    state::EndState,
    status::BudgetStatus,
    totals::Totals,
};
