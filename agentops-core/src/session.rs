//! The session rule: no span of ours exists without a session at its root.
//!
//! The rule is written once, in [`context::admit`], and asked at three doors: the span factory, the tracer,
//! which stands where a sampler would, and the processor of a provider of the user's own. A session travels in
//! the OpenTelemetry `Context`, so every descendant sees it: sync, async, across foreign spans, in pure
//! OpenTelemetry children.

mod carry;
mod context;
mod identity;
mod live;
mod look;
mod models;
mod orphans;
mod propagation;
mod registry;
mod runs;
mod state;
mod status;
mod totals;
#[cfg(feature = "testing")]
mod watch;

#[cfg(feature = "tokio")]
pub use self::carry::{spawn, spawn_blocking};
#[cfg(feature = "testing")]
pub(crate) use self::watch::{Watch, Watched, saw_orphan, saw_session};
pub use self::{
    carry::{FutureExt, SessionContext, SessionGuard, suppress, thread},
    context::{current_session, sessions},
    look::SessionRef,
    models::ModelTotals,
    propagation::{extract, inject},
    state::EndState,
    status::BudgetStatus,
    totals::Totals,
};
pub(crate) use self::{
    context::{Admission, InSession, Refusal, admit, admit_current, look_around},
    identity::Identity,
    live::{Birth, Inner, LiveSpan, LiveSpans, Origin, Told},
    models::model_of,
    orphans::Orphans,
    registry::{OpenSession, RegistryLayer, Rules, SessionRegistry, add_fallback},
    runs::{Step, step_of},
    state::SessionState,
};
