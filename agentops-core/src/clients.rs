//! Implementations of `ToLlmRequest`, `ToLlmResponse` and `ToolOutcome` for the types of common clients, each
//! behind the feature of the same name.

#[cfg(feature = "async-openai")]
mod async_openai;
#[cfg(feature = "genai")]
mod genai;
#[cfg(feature = "rig")]
mod rig;
#[cfg(feature = "rmcp")]
mod rmcp;
