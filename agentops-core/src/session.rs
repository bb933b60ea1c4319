//! The session rule: no span of ours exists without a session at its root.
//!
//! The rule is written once, in [`context::admit`], and asked at three doors: the span factory, the
//! [`SessionSampler`] and the span processor. A session travels in the OpenTelemetry `Context`, so every
//! descendant sees it: sync, async, across foreign spans, in pure OpenTelemetry children.

mod context;
mod live;
mod registry;
mod sampler;
mod state;

pub use self::{
    context::current_session,
    state::{EndState, SessionRef, Totals},
};
pub(crate) use self::{
    context::{Admission, Refusal, SessionContext, admit, admit_current},
    live::LiveSpan,
    registry::{RegistryLayer, Rules, SessionRegistry, add_fallback},
    sampler::SessionSampler,
    state::{Identity, SessionState},
};
