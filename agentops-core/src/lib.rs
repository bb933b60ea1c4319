//! The runtime of [`agentops`](https://docs.rs/agentops): sessions, the birth of spans, capture, pipeline and
//! delivery. Programs depend on `agentops`, not on this crate.
//!
//! ```text
//!  #[tool] fn ─▶ abi ─▶ span (SpanFactory ── session: admitted? ──▶ tracing span)
//!                                                                      │ tracing-opentelemetry
//!                    pipeline: filter, sampler, processor ◀────────────┘
//!                        └─▶ delivery: queue, worker ─▶ export: dialect ─▶ OTLP │ local files │ console
//! ```
//!
//! Modules stand in the order in which data meets them, and import from those before them.

mod config;
mod error;
mod exporter;
mod kind;
mod report;
mod resource;
mod semconv;

mod attribute;
mod llm;

mod capture;

mod session;

mod span;

mod pipeline;

mod delivery;

mod export;

mod exit;
mod tracing_core;

mod init;

#[doc(hidden)]
pub mod abi;

pub use opentelemetry;
pub use opentelemetry_sdk;
pub use tracing;
pub use tracing_opentelemetry;

pub use crate::{
    attribute::FieldValue,
    config::{OrphanPolicy, TracingConfig, TracingConfigBuilder},
    delivery::{DeliveryError, Stats},
    error::{ConfigError, InitError},
    init::{Guard, init, init_with, stats},
    kind::SpanKind,
    llm::{LlmResponse, Usage},
    pipeline::is_own_span,
    session::{EndState, SessionRef, Totals, current_session},
    span::{CurrentSpan, current},
    tracing_core::{TracingCore, layer, span_processor},
};
