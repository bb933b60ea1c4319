//! Runtime of [`agentops`](https://docs.rs/agentops): sessions, spans, capture, delivery and export. Programs depend
//! on `agentops`, not on this crate.
//!
//! ```text
//!  PROGRAM'S THREAD
//!  #[tool] fn ─▶ abi ─▶ span: Site ─admission─▶ SpanDraft ─factory─▶ Call ──▶ tracing span
//!  handles, tower ────────▲          │ asks                                      │
//!                                 session: the rule, totals, leases              ▼
//!  spans of frameworks ─────────────────────────────▶ bridge: layer, tracer, recorder, adopt
//!                                                                                │ ended
//!  ───────────────────────────────────────────────────────────────────────────── ▼ queue ───
//!  DELIVERY THREAD                                                               │ batch
//!                      export: console, local, otlp ◀── outgoing: mask, dialect ◀┘
//!  ───────────────────────────── │ request ─────────────────────────────────────────────────
//!  WIRE                          ▼
//!                      transport: outbox ─▶ client ─▶ endpoint
//!                                   └─▶ spool ─▶ sender (a thread of its own) ─▶ client
//! ```
//!
//! The folders from `session` to `export` belong to one thread each, apart from two files: `session::budget_clock` and
//! `transport::spool_sender` have threads of their own. A module imports only from modules that are listed before it:
//!
//! - `text`, `process`, `disk`, `error`, `record`: bounds of texts, the process and its threads, private files, errors,
//!   the vocabulary of spans.
//! - `credential`, `mask`, `inspect`, `attribute`, `llm`, `capture`, `clients`: values, and how they are recorded.
//! - `config`: the settings.
//! - `session`: the session rule, the registry, totals and budgets, and the leases that keep a session open until the
//!   work that its function left behind has ended.
//! - `span`: admission and creation of spans, calls, and the futures, streams and iterators in which a call
//!   continues; `span::handle`: manual spans; `tower`: sessions of requests, built on handles.
//! - `bridge`: our layer, our tracer and the processor for a provider of the program's own; `bridge::adopt`: spans of
//!   frameworks.
//! - `queue`: the bounded queue between the threads, its worker, and the accounting of every span.
//! - `transport`: HTTP, authorisation, retries, and the spool on disk.
//! - `outgoing`: preparation of a span for its endpoint. `export`: the destinations.
//! - `tracing_core` assembles all of it, `init` installs it. `push` and `store` serve the command line, `testing`
//!   serves tests, `abi` serves expanded code.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod text;

mod process;

mod disk;

mod error;

mod record;

mod credential;
mod mask;

mod inspect;

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
pub use opentelemetry::{
    propagation::{Extractor, Injector},
    trace::{SpanId, TraceId},
};
pub use opentelemetry_http::{HeaderExtractor, HeaderInjector};
pub use opentelemetry_sdk;
pub use tracing;
pub use tracing_opentelemetry;

pub use crate::{
    attribute::FieldValue,
    capture::{AsError, ToolOutcome},
    config::{
        Budget, BudgetExceeded, BudgetPolicy, Compression, Dialect, Excess, ForeignSpans, Limit,
        OrphanPolicy, Overflow, TracingConfig, TracingConfigBuilder, TrustRemote,
    },
    error::{ConfigError, ConfigErrorKind, InitError, NoActiveSession, NoSessionReason},
    init::{Guard, init, init_with},
    llm::{
        LlmRequest, LlmResponse, Message, Part, PriceTable, PricedCall, ToLlmRequest,
        ToLlmResponse, TokenCount, Usage,
    },
    mask::{Mask, MaskedText},
    queue::DeliveryError,
    record::{SpanKind, Stats},
    session::{
        BudgetStatus, Carried, EndState, Headers, HeadersMut, ModelTotals, SessionContext,
        SessionExt, SessionGuard, SessionRef, Totals, current_session, extract, inject, sessions,
        suppress, thread,
    },
    span::{
        Agent, CurrentSpan, CustomSpan, Event, HandleBuilder, Instrumented, Llm, Session,
        SessionBuilder, Tool, Traced, current,
    },
    tracing_core::{TracingCore, layer, span_processor, stats},
};
