//! What a model call tells of itself.

mod response;
mod usage;

pub use self::{response::LlmResponse, usage::Usage};
