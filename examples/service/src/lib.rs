//! A service by axum whose requests are sessions, also those whose answers are streamed. `docs/axum.md` tells how.

pub mod answer;
pub mod chat;
mod model;

use std::sync::Arc;

use agentops::Budget;
use axum::{Router, routing::post};

/// The whole of it: a question with one answer, and chats within a budget.
pub fn app(service: Arc<answer::Service>, budget: Budget) -> Router {
    let answers = Router::new().route("/answer", post(answer::answer)).with_state(service);
    answers.merge(chat::layered(budget)).merge(chat::annotated())
}
