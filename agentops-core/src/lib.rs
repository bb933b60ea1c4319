//! The runtime of [`agentops`](https://docs.rs/agentops): sessions, the birth of spans, capture, pipeline and
//! delivery. Programs depend on `agentops`, not on this crate.
//!
//! ```text
//!  #[tool] fn ─▶ abi ─▶ span (SpanFactory ── session: admitted? ──▶ tracing span)
//!                                                                      │ bridge: a layer of our own
//!                    pipeline: filter, tracer or processor ◀───────────┘
//!                        └─▶ delivery: queue, worker ─▶ export: dialect ─▶ OTLP │ local files │ console
//! ```
//!
//! Modules stand in the order in which data meets them, and import from those before them.

mod aside;
mod budget;
mod config;
mod credential;
mod error;
mod exporter;
mod extent;
mod fork;
mod guarded;
mod here;
mod journal;
mod kind;
mod mask;
mod own_thread;
mod panics;
mod private_files;
mod quiet;
mod report;
mod resource;
mod semconv;
mod spare;

mod attribute;
mod look;

mod llm;

mod capture;

mod clients;

mod session;

mod span;

mod adopt;

mod handle;

#[cfg(feature = "tower")]
pub mod tower;

mod pipeline;

mod bridge;

mod delivery;

mod export;

mod exit;
#[cfg(all(unix, feature = "signals"))]
mod signals;
mod tracing_core;

mod init;

pub mod push;

pub mod store;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "testing")]
pub mod testing;

#[doc(hidden)]
pub mod abi;

#[cfg(feature = "masks")]
pub use crate::mask::builtin as masks;
#[cfg(feature = "tokio")]
pub use crate::session::{spawn, spawn_blocking};
pub use opentelemetry;
pub use opentelemetry::propagation::{Extractor, Injector};
pub use opentelemetry_http::{HeaderExtractor, HeaderInjector};
pub use opentelemetry_sdk;
pub use tracing;
pub use tracing_opentelemetry;

pub use crate::{
    attribute::FieldValue,
    budget::{Budget, BudgetExceeded, BudgetPolicy, Limit},
    capture::{AsError, ToolOutcome},
    config::{
        Compression, Dialect, ForeignSpans, OrphanPolicy, Overflow, TracingConfig,
        TracingConfigBuilder, TrustRemote,
    },
    delivery::{DeliveryError, Stats},
    error::{ConfigError, InitError, NoActiveSession},
    handle::{
        Agent, Builder, CustomSpan, Instrumented, Llm, Session, SessionBuilder, Tool, Traced,
    },
    init::{Guard, init, init_with, stats},
    kind::SpanKind,
    llm::{
        LlmRequest, LlmResponse, Message, Part, PriceTable, PricedCall, ToLlmRequest,
        ToLlmResponse, TokenCount, Usage,
    },
    mask::{Mask, MaskedText},
    session::{
        BudgetStatus, Carried, EndState, Headers, HeadersMut, ModelTotals, SessionContext,
        SessionExt, SessionGuard, SessionRef, Totals, current_session, extract, inject, sessions,
        suppress, thread,
    },
    span::{CurrentSpan, current},
    tracing_core::{TracingCore, layer, span_processor},
};
