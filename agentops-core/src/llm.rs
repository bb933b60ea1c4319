//! Data of a model call: request, response, messages, token usage and cost.

mod bounded;
mod cost;
mod count;
mod depth;
mod exact;
mod message;
mod request;
mod response;
mod stream;
mod tools;
mod usage;

pub(crate) use self::{
    bounded::{messages_json, parts_json},
    cost::{NoPrice, Price, Prices, load_prices},
    exact::json as exact_json,
    stream::Streamed,
    tools::tools_json,
    usage::has_tokens,
};
pub use self::{
    cost::{PriceTable, PricedCall},
    count::TokenCount,
    message::{Message, Part},
    request::{LlmRequest, ToLlmRequest},
    response::{LlmResponse, ToLlmResponse},
    usage::Usage,
};
