//! From a span of any origin to the queue: filter, processor, stamp, mask.

use opentelemetry::InstrumentationScope;

mod ended;
mod filter;
mod mask;
mod processor;
mod sink;
mod stamp;

pub(crate) use self::{
    filter::OurSpans,
    mask::mask,
    processor::{AgentOpsSpanProcessor, Provider},
    sink::Sink,
    stamp::{stamp, stamp_any},
};

/// Under what name our spans are recorded, and by which version of the conventions.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("agentops")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.41.1")
        .build()
}
