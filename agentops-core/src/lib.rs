//! The runtime of [`agentops`](https://docs.rs/agentops): sessions, the birth of spans, capture, pipeline and
//! delivery. Programs depend on `agentops`, not on this crate.
//!
//! ```text
//!  #[tool] fn ─▶ abi ─────┐        look, capture, clients, llm: values become attributes
//!                         ▼          ▼
//!  handle, tower ─▶ span (SpanFactory ── session: admitted? a lease ──▶ tracing span)
//!                                                                          │
//!  spans of frameworks ────────────────────────────────────────────────────┤ bridge: a layer of our own
//!                pipeline: filter, tracer or processor; adopt ◀────────────┘
//!                    └─▶ delivery: queue, worker ─▶ export: dialect ─▶ OTLP │ local files │ console
//!                                                       └─ journal: begun and not ended, on disk
//! ```
//!
//! Modules stand in groups, in the order in which data meets them. A group imports from those before it; `config` alone
//! takes the table of prices from `llm`.
//!
//! - What everything stands on, in alphabetical order. `here` is the one door to the current OpenTelemetry context, also
//!   of a thread that goes down; `quiet` knows the moments in which a thread records nothing; `guarded` and `panics` call
//!   the program's code; `journal` and `private_files` keep on disk what a process has begun; `mask`, `credential` and
//!   `semconv` know texts and names.
//! - Values: `attribute`; `look`, a value's own `Serialize` or `Debug` within bounds; `llm`, `capture` and `clients`, what
//!   requests, answers, outcomes and causes of errors tell.
//! - `session`: the session rule, the registry, totals and budgets, and the leases that keep a session open until what its
//!   function left behind has ended.
//! - `span`: the factory, calls, and the futures, streams and iterators in which a call goes on. `adopt`: spans of
//!   frameworks. `handle`: spans in hand. `tower`: sessions of requests, made of handles.
//! - The way out: `pipeline` (limits, stamps and masks of spans that start and end), `bridge`, `delivery`, `export`.
//! - The whole: `exit` and `signals` shut down what `tracing_core` assembles and `init` installs. `push` and `store` are for
//!   the command line, `testing` for tests, `abi` for expanded code.

mod process;

mod disk;

mod error;

mod record;

mod credential;
mod mask;

mod look;

mod attribute;

mod llm;

mod capture;
mod clients;

mod config;

mod session;

mod span;
#[cfg(feature = "tower")]
pub mod tower;

mod bridge;

mod queue;

mod transport;

mod outgoing;

mod export;

mod tracing_core;

mod init;

pub mod push;

pub mod store;

#[cfg(test)]
mod fixtures;

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
    capture::{AsError, ToolOutcome},
    config::{
        Budget, BudgetExceeded, BudgetPolicy, Compression, Dialect, ForeignSpans, Limit,
        OrphanPolicy, Overflow, TracingConfig, TracingConfigBuilder, TrustRemote,
    },
    error::{ConfigError, InitError, NoActiveSession},
    init::{Guard, init, init_with, stats},
    llm::{
        LlmRequest, LlmResponse, Message, Part, PriceTable, PricedCall, ToLlmRequest,
        ToLlmResponse, TokenCount, Usage,
    },
    mask::{Mask, MaskedText},
    queue::{DeliveryError, Stats},
    record::SpanKind,
    session::{
        BudgetStatus, Carried, EndState, Headers, HeadersMut, ModelTotals, SessionContext,
        SessionExt, SessionGuard, SessionRef, Totals, current_session, extract, inject, sessions,
        suppress, thread,
    },
    span::{
        Agent, CurrentSpan, CustomSpan, HandleBuilder, Instrumented, Llm, Session, SessionBuilder,
        Tool, Traced, current,
    },
    tracing_core::{TracingCore, layer, span_processor},
};
