#![doc = include_str!("../../README.md")]

pub use agentops_core::{
    ConfigError, CurrentSpan, DeliveryError, EndState, FieldValue, Guard, InitError, LlmResponse,
    OrphanPolicy, SessionRef, SpanKind, Stats, Totals, TracingConfig, TracingConfigBuilder,
    TracingCore, Usage, current, current_session, init, init_with, is_own_span, layer,
    opentelemetry, opentelemetry_sdk, span_processor, stats, tracing, tracing_opentelemetry,
};
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
