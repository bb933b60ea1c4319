#![deny(warnings)]

use agentops::{LlmResponse, Usage, agent, guardrail, llm, session, tool, tracing::Level};

struct User {
    id: String,
}

#[session(
    name = "chat",
    version = "1",
    tags("a", "b"),
    session_id = format!("chat-{}", user.id),
    user_id = user.id,
    metadata(plan = "pro", "shop.id" = 7),
    budget(tokens = 50_000, usd = 0.5, seconds = 60),
    skip_all,
    capture_output = false,
)]
fn chat(user: &User) -> usize {
    Planner { id: 7, role: Some("planner") }.plan(&user.id)
}

struct Planner {
    id: u64,
    role: Option<&'static str>,
}

impl Planner {
    #[agent(role = self.role, id = self.id, description = "plans", level = "debug", target = "planner")]
    fn plan(&self, goal: &str) -> usize {
        search(goal, 3).len() + ask("gpt-4o-mini".to_owned(), goal).unwrap_or(0)
    }
}

/// Searches.
#[tool(
    only(query),
    cost = 0.5 * limit as f64,
    max_len = 1_024,
    level = Level::DEBUG,
    fields(limit, %query, size = query.len(), search.engine = %"brave", "search depth" = ?Some(1)),
)]
fn search(query: &str, limit: u32) -> String {
    format!("{query}{limit}")
}

#[llm(model = model, provider = "openai", operation = "chat", response = told, redact(model, prompt = str::len))]
fn ask(model: String, prompt: &str) -> Result<usize, ()> {
    no_secrets(prompt).map_err(drop)?;
    Ok(model.len())
}

fn told(tokens: &usize) -> LlmResponse {
    LlmResponse::new().usage(Usage::new().input(1).output(*tokens as u64))
}

#[guardrail(spec = "input", capture_input = false, err = off, stream = false, level = 4, crate = ::agentops)]
fn no_secrets(prompt: &str) -> Result<(), String> {
    if prompt.contains("secret") { Err(prompt.to_owned()) } else { Ok(()) }
}

#[tool(err = Display, level = ERROR)]
fn parse(number: &str) -> Result<u8, std::num::ParseIntError> {
    number.parse()
}

#[session(budget(seconds = 60.5, policy = Cancel))]
async fn cancellable(n: u8) -> Result<u8, Box<dyn std::error::Error>> {
    Ok(n)
}

#[session(budget(usd = 1, policy = Report))]
async fn reported() {}

fn main() {
    drop((cancellable(1), reported()));
    assert_eq!(chat(&User { id: "u".to_owned() }), 13);
    assert!(parse("x").is_err());
}
