#![doc = include_str!("../README.md")]

/// The earlier name, which that of `futures` hides.
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
    ConfigError, CurrentSpan, CustomSpan, DeliveryError, Dialect, EndState, Extractor, FieldValue,
    ForeignSpans, Guard, HandleBuilder, HeaderExtractor, HeaderInjector, Headers, HeadersMut,
    InitError, Injector, Instrumented, Limit, Llm, LlmRequest, LlmResponse, Mask, MaskedText,
    Message, ModelTotals, NoActiveSession, OrphanPolicy, Overflow, Part, PriceTable, PricedCall,
    Session, SessionBuilder, SessionContext, SessionExt, SessionGuard, SessionRef, SpanKind, Stats,
    ToLlmRequest, ToLlmResponse, TokenCount, Tool, ToolOutcome, Totals, Traced, TracingConfig,
    TracingConfigBuilder, TracingCore, TrustRemote, Usage, current, current_session, extract, init,
    init_with, inject, layer, opentelemetry, opentelemetry_sdk, sessions, span_processor, stats,
    suppress, thread, tracing, tracing_opentelemetry,
};
#[cfg(feature = "tokio")]
pub use agentops_core::{spawn, spawn_blocking};
pub use agentops_macros::{
    Agent, agent, guardrail, llm, operation, session, skip, task, tool, traced, workflow,
};

/// What expanded code calls; not an interface for people.
#[doc(hidden)]
pub mod __private {
    pub use agentops_core::abi::*;
    /// The macros again, for those that step behind others on the same function.
    pub use agentops_macros as stacked;
}
