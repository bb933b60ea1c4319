//! Log of what agentops says of itself, for the tests to read.

use std::{fmt, sync::Mutex};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A layer that keeps the events of target `agentops`.
#[derive(Debug)]
pub struct Log;

/// The events that mention this word.
pub fn lines_with(word: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap();
    lines.iter().filter(|line| line.contains(word)).cloned().collect()
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "agentops" {
            event.record(&mut Message);
        }
    }
}

struct Message;

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            LINES.lock().unwrap().push(format!("{value:?}"));
        }
    }
}
