//! Plain threads, no runtime: workers stay in the session, and so does a job in the background, which keeps it
//! open. What runs after that is late.
//!
//! ```text
//! cargo run -p agentops-examples --example threads
//! ```
#![expect(clippy::print_stdout, reason = "the results go to stdout")]

use std::{
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
};

use agentops::{EndState, SessionContext, Tool, agent, session, tool};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = agentops::init()?;
    let (returned, wait) = channel();
    let (total, background, place) =
        count_all(&["the quick brown fox", "jumps over", "the lazy dog"], wait);
    println!("{total} words");
    // The function has returned, and its session goes on until the job is done.
    let is_open = || place.session().is_some_and(|session| session.is_open());
    println!("open for the job in the background: {}", is_open());
    returned.send(())?;
    background.join().map_err(|_| "the job in the background panicked")?;
    println!("open when that is done: {}", is_open());
    // A place in a session holds it open for nobody: what runs there now is shown as late.
    place.in_scope(sweep);
    let stats = guard.shutdown()?;
    println!("{} spans delivered, {} of them late", stats.sent, stats.late);
    Ok(())
}

/// A session whose work is spread over threads.
#[session(skip(returned), capture_output = false)]
fn count_all(
    texts: &'static [&'static str],
    returned: Receiver<()>,
) -> (usize, JoinHandle<()>, SessionContext) {
    let background = agentops::thread::spawn(move || {
        if returned.recv().is_ok() {
            tidy_up();
        }
    });
    (spread(texts), background, SessionContext::current())
}

/// Gives each text to a thread of its own.
#[agent]
fn spread(texts: &'static [&'static str]) -> usize {
    let workers: Vec<_> =
        texts.iter().map(|text| agentops::thread::spawn(|| count(text))).collect();
    // A thread that something else starts takes the place in the session along by hand.
    let here = SessionContext::current();
    let by_hand = std::thread::spawn(move || here.in_scope(check));
    let counts = workers.into_iter().map(|worker| worker.join().unwrap_or_default());
    let total = counts.sum();
    let _ = by_hand.join();
    total
}

/// Counts the words of a text.
#[tool]
fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A call that no attribute can mark.
fn check() {
    let tool = Tool::start("check");
    tool.set_input(&"counts").end(EndState::Success);
}

/// Runs when the function of the session has returned.
#[tool]
fn tidy_up() {}

/// Runs when the session is over.
#[tool]
fn sweep() {}
