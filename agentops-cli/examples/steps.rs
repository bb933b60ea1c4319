//! A program whose session goes on step by step: each line of its input is the name of a tool that it calls.
//!
//! ```text
//! (echo look; sleep 5; echo think; sleep 5) | cargo run -p agentops-cli --example steps
//! ```
//!
//! It shows what `agentops ls`, `tail` and `view` make of a session that runs.

use std::io::{self, BufRead};

use agentops::{EndState, Tool, agent, session};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = agentops::init()?;
    steps()?;
    guard.shutdown()?;
    Ok(())
}

#[session]
fn steps() -> io::Result<()> {
    worker()
}

#[agent]
fn worker() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let name = line?;
        Tool::start(name).end(EndState::Success);
    }
    Ok(())
}
