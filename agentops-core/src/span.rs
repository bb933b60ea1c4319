//! The birth of a span, its life and its end.
//!
//! ```text
//! Site ─admit─▶ Start (attributes gather) ─begin─▶ Call = Scope (entered) + TracedSpan (recorded) ─close─▶ end
//!                 └─defer─▶ Deferred ─first poll─▶ ┘  └─▶ Recorded (future) ─▶ Flow ─▶ Observed (stream) ─▶ ┘
//! ```

mod agent;
mod call;
mod current;
mod deferred;
mod factory;
mod future;
mod handoff;
mod identity;
mod lineage;
mod scope;
mod site;
mod start;
mod stream;
mod traced;

pub use self::{
    call::run,
    current::{CurrentSpan, current},
    deferred::{Deferred, defer},
    future::{Recorded, open_async, run_async},
    identity::{AgentIdentity, Identified, SelfProbe, ViaIdentity, ViaNobody},
    site::{Settings, Site},
    start::Start,
    stream::{Flow, Observed, open},
};
pub(crate) use self::{factory::SpanFactory, handoff::AgentOpsTracer, lineage::LineageLayer};
