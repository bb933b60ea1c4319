//! What the types of common clients tell of a request to a model, its answer or a tool's result, each behind the feature of
//! its name.

#[cfg(feature = "async-openai")]
mod async_openai;
#[cfg(feature = "genai")]
mod genai;
#[cfg(feature = "rig")]
mod rig;
#[cfg(feature = "rmcp")]
mod rmcp;
