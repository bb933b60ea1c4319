//! Bridge from `tracing` spans to recorded ones: our layer, our tracer, and the processor for a provider of the
//! program's own.
//!
//! # How a pending span crosses the bridge
//!
//! A span of ours must be a `tracing` span as well, so that other layers see it and so that it is entered and left with
//! its code. But a layer sees nothing of a `tracing` span except its callsite and its fields, and fields are a poor
//! carrier: they are fixed for each callsite, they hold no arrays, and they turn large unsigned integers into strings.
//! The attributes therefore go around `tracing`, through a thread-local of one slot (`HANDED` in `span/pending_span.rs`):
//!
//! ```text
//! span::factory                    thread-local                  BridgeLayer::on_new_span
//!   PendingSpan ──────────────────▶ PendingSpan ────────────────▶ take_pending()
//!   tracing::Span::new(callsite without fields) ── dispatcher ──▶   │ AgentOpsTracer::build
//!   Call ◀───────── Context ◀───────── Context ◀──────────────── leave_started(context)
//! ```
//!
//! 1. The factory stores the `PendingSpan` and creates the `tracing` span, which calls `on_new_span` of all layers on
//!    this very thread, before anything else can run.
//! 2. Our layer takes the pending span. If the slot is empty, the span is one of a framework, and [`adopt`] decides what
//!    becomes of it.
//! 3. The tracer starts a `RecordedSpan`, and the layer leaves its context in the slot and in the extensions of the
//!    `tracing` span.
//! 4. The factory takes the context back, so that the call sets its outcome without looking the span up again.
//!
//! If the pending span is still in the slot after step 1, no layer of ours has seen the span: the program records it with
//! a provider of its own. Then the factory sets the attributes one by one through `tracing-opentelemetry`, and
//! [`AgentOpsSpanProcessor`] takes the span when it ends.
//!
//! This saves 140 instructions a span for the fields that no layer allocates, and 250 because our layer records the span
//! once, where `tracing-opentelemetry` builds it first and starts it later (docs/performance.md).
//!
//! # When spans start and are current
//!
//! ```text
//! on_new_span: of ours ─▶ recorded at once
//!              adopted ─▶ waits ─first entered─▶ recorded
//! on_enter, on_exit: its context is the current one, unless another layer's span is
//! ```

mod adopt;
mod layer;
mod live_record;
mod own_span_filter;
mod processor;
mod recorder;
mod span_limits;
mod span_sink;
mod started_span;
mod tracer;
mod tracing_fields;

pub(crate) use self::{
    layer::BridgeLayer,
    own_span_filter::OwnSpanFilter,
    processor::AgentOpsSpanProcessor,
    span_sink::{EndedSpan, SpanSink},
    tracer::{AgentOpsTracer, scope},
};
