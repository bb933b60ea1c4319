//! Bridge from `tracing` spans to recorded ones: our layer.
//!
//! ```text
//! on_new_span: of ours ─▶ recorded at once; its context is returned to the factory
//!              adopted ─▶ waits ─first entered─▶ recorded
//! on_enter, on_exit: its context is the current one, unless another layer's span is
//! ```

mod adopt;
mod fields;
mod filter;
mod layer;
mod limits;
mod live_record;
mod processor;
mod recorder;
mod sink;
mod started;
mod tracer;

pub(crate) use self::{
    filter::OwnSpanFilter,
    layer::BridgeLayer,
    processor::AgentOpsSpanProcessor,
    sink::{EndedSpan, SpanSink},
    tracer::{AgentOpsTracer, scope},
};
