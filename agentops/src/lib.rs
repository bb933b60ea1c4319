#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// Former name of [`SessionExt`]; `futures` has a trait of the same name.
#[doc(hidden)]
pub use agentops_core::SessionExt as FutureExt;
#[cfg(feature = "masks")]
pub use agentops_core::masks;
#[cfg(feature = "testing")]
pub use agentops_core::testing;
#[cfg(feature = "tower")]
pub use agentops_core::tower;
pub use agentops_core::{
    Agent, AsError, Budget, BudgetExceeded, BudgetPolicy, BudgetStatus, Carried, Compression,
    ConfigError, ConfigErrorKind, CurrentSpan, CustomSpan, DeliveryError, Dialect, EndState, Event,
    Excess, Extractor, FieldValue, ForeignSpans, Guard, HandleBuilder, HeaderExtractor,
    HeaderInjector, Headers, HeadersMut, InitError, Injector, Instrumented, Limit, Llm, LlmRequest,
    LlmResponse, Mask, MaskedText, Message, ModelTotals, NoActiveSession, NoSessionReason,
    OrphanPolicy, Overflow, Part, PriceTable, PricedCall, Session, SessionBuilder, SessionContext,
    SessionExt, SessionGuard, SessionRef, SpanId, SpanKind, Stats, ToLlmRequest, ToLlmResponse,
    TokenCount, Tool, ToolOutcome, Totals, TraceId, Traced, TracingConfig, TracingConfigBuilder,
    TracingCore, TrustRemote, Usage, current, current_session, extract, init, init_with, inject,
    layer, opentelemetry, opentelemetry_sdk, sessions, span_processor, stats, suppress, thread,
    tracing, tracing_opentelemetry,
};
#[cfg(feature = "tokio")]
pub use agentops_core::{spawn, spawn_blocking};
pub use agentops_macros::{
    Agent, agent, guardrail, llm, operation, session, skip, task, tool, traced, workflow,
};

/// Functions and types that expanded code uses; not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use agentops_core::abi::*;
    /// Re-export of the macros, for annotations stacked on one function.
    pub use agentops_macros as stacked;
}
