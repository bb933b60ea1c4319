//! The birth of a span, its life and its end.
//!
//! ```text
//! Site ─admit─▶ Start (attributes gather) ─begin─▶ Call = Scope (entered) + TracedSpan (recorded) ─close─▶ end
//! ```

mod agent;
mod call;
mod current;
mod factory;
mod handoff;
mod lineage;
mod scope;
mod site;
mod start;
mod traced;

pub use self::{
    call::{run, run_async},
    current::{CurrentSpan, current},
    site::{Settings, Site},
    start::Start,
};
pub(crate) use self::{factory::SpanFactory, handoff::AgentOpsTracer, lineage::LineageLayer};
