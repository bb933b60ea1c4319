//! Sessions of tests, written as a program with agentops would write them.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::ids::SessionId;

/// Nanoseconds since 1970 at which sessions of tests start, and those between two spans.
const START: u64 = 1_700_000_000_000_000_000;
const STEP: u64 = 1_000_000;

/// Span of a test.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpanFixture {
    /// Depth in the tree. The parent is the last span before it that is less deep.
    pub(crate) depth: usize,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) error: Option<String>,
    pub(crate) attributes: Vec<(&'static str, Value)>,
}

impl SpanFixture {
    /// Creates a span.
    pub(crate) fn new(depth: usize, kind: &str, name: &str) -> Self {
        Self { depth, kind: kind.into(), name: name.into(), ..Self::default() }
    }

    /// Adds an input.
    pub(crate) fn input(self, text: &str) -> Self {
        self.with("input.value", text.into())
    }

    /// Adds an output.
    pub(crate) fn output(self, text: &str) -> Self {
        self.with("output.value", text.into())
    }

    /// Adds the messages that a model was sent, as role and text.
    pub(crate) fn messages(self, messages: &[(&str, &str)]) -> Self {
        let messages: Value =
            messages.iter().map(|(role, text)| json!({ "role": role, "content": text })).collect();
        self.with("gen_ai.input.messages", messages.to_string().into())
    }

    /// Adds an attribute: a text, an integer, a number, or a truth.
    pub(crate) fn with(mut self, key: &'static str, value: Value) -> Self {
        self.attributes.push((key, value));
        self
    }

    /// Makes the span fail.
    pub(crate) fn failed(mut self, error: &str) -> Self {
        self.error = Some(error.into());
        self
    }

    fn to_json(&self, session: SessionId, ids: [u64; 2], times: [u64; 2]) -> Value {
        let known =
            [("agentops.span.kind", json!(self.kind)), ("operation.name", json!(self.name))];
        let attributes: Vec<_> = known.iter().chain(&self.attributes).map(attribute).collect();
        let id = |id: u64| if id == 0 { String::new() } else { format!("{id:016x}") };
        json!({
            "traceId": session.to_string(),
            "spanId": id(ids[0]),
            "parentSpanId": id(ids[1]),
            "name": self.name,
            "startTimeUnixNano": times[0].to_string(),
            "endTimeUnixNano": times[1].to_string(),
            "attributes": attributes,
            "status": { "code": if self.error.is_some() { 2 } else { 0 }, "message": self.error.as_deref().unwrap_or("") },
        })
    }
}

fn attribute((key, value): &(&str, Value)) -> Value {
    let value = match value {
        Value::String(_) => json!({ "stringValue": value }),
        Value::Bool(_) => json!({ "boolValue": value }),
        Value::Number(number) if number.is_f64() => json!({ "doubleValue": value }),
        other => json!({ "intValue": other.to_string() }),
    };
    json!({ "key": key, "value": value })
}

/// Writes a session to a file. The first span has the id `first_id`, and the session starts this many seconds later
/// than others.
pub(crate) fn write_session(
    path: &Path,
    session: SessionId,
    spans: &[SpanFixture],
    first_id: u64,
    seconds: u64,
) {
    let mut above: Vec<(usize, u64)> = Vec::new();
    let mut written = Vec::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let place = place as u64;
        while above.pop_if(|(depth, _)| *depth >= span.depth).is_some() {}
        let parent = above.last().map_or(0, |(_, id)| *id);
        above.push((span.depth, first_id + place));
        let start = START + seconds * 1_000_000_000 + place * STEP;
        // A span ends after all that may be below it.
        let end = start + (spans.len() as u64 - place) * STEP;
        written.push(span.to_json(session, [first_id + place, parent], [start, end]));
    }
    let line = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": written }] }] });
    fs::write(path, format!("{line}\n")).unwrap();
}
