//! From a span of any origin to the queue: filter, tracer or processor, stamp, mask.

mod ended;
mod filter;
mod length;
mod life;
mod limits;
mod mask;
mod processor;
mod sink;
mod stamp;
mod started;
mod tracer;

pub(crate) use self::{
    filter::OurSpans,
    length::{length, shorten, shorten_to},
    mask::{mask, mask_resource, mask_scope},
    processor::AgentOpsSpanProcessor,
    sink::Sink,
    stamp::{stamp, stamp_any},
    tracer::{AgentOpsTracer, scope},
};
