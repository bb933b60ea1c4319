#![deny(warnings)]

use agentops::{agent, guardrail, llm, operation, session, task, tool, traced, workflow};

#[session]
fn run() -> u8 {
    plan()
}

#[agent]
fn plan() -> u8 {
    search() + ask() + step() + flow() + load() + check() + rerank()
}

#[tool]
fn search() -> u8 {
    1
}

#[llm]
fn ask() -> u8 {
    1
}

#[task]
fn step() -> u8 {
    1
}

#[workflow]
fn flow() -> u8 {
    1
}

#[operation]
fn load() -> u8 {
    1
}

#[guardrail]
fn check() -> u8 {
    1
}

#[traced(kind = "reranker")]
fn rerank() -> u8 {
    1
}

fn main() {
    assert_eq!(run(), 7);
}
