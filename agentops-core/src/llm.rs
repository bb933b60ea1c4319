//! What a model call tells of itself.

mod bounded;
mod message;
mod request;
mod response;
mod usage;

pub(crate) use self::bounded::{messages_json, parts_json};
pub use self::{
    message::{Message, Part},
    request::LlmRequest,
    response::{LlmResponse, ToLlmResponse},
    usage::Usage,
};
