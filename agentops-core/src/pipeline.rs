//! From a span of any origin to the queue: filter, processor, stamp.

mod filter;
mod processor;
mod sink;
mod stamp;

pub(crate) use self::{
    filter::OwnSpans,
    processor::{AgentOpsSpanProcessor, Provider, kind_of},
    sink::Sink,
    stamp::{stamp, stamp_any},
};

/// The name under which our spans are recorded: the instrumentation scope.
pub(crate) const SCOPE: &str = "agentops";
