//! Data of a model call: request, response, messages, token usage and cost.

mod bounded_messages;
mod call_cost;
mod exact_json;
mod json_depth;
mod message;
mod request;
mod response;
mod streamed_answer;
mod token_count;
mod tools;
mod usage;

pub(crate) use self::{
    bounded_messages::{messages_json, parts_json},
    call_cost::{NoPrice, Price, Prices, load_prices},
    exact_json::json as exact_json,
    streamed_answer::Streamed,
    tools::tools_json,
    usage::has_tokens,
};
pub use self::{
    call_cost::{PriceTable, PricedCall},
    message::{Message, Part},
    request::{LlmRequest, ToLlmRequest},
    response::{LlmResponse, ToLlmResponse},
    token_count::TokenCount,
    usage::Usage,
};
