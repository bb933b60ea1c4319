#![deny(warnings)]
//! Arguments that the span records are used, even if the body makes nothing of them.

use agentops::{session, tool};

#[tool]
fn captured(query: &str) {}

#[session(skip_all, session_id = format!("chat-{number}"), user_id = user)]
fn named(number: u8, user: &str) {}

fn main() {
    captured("");
    named(1, "");
}
