//! Session as trace events of Chrome, which Perfetto reads.
//!
//! An event is written as soon as its texts are read, so that not even a session of gigabytes is in memory. Readers nest
//! spans that start together in the order in which they stand, so an inner one waits for the outer one.

use std::{collections::HashMap, io, ops::ControlFlow};

use serde_json::{Map, Value, json};

use super::LineSink;
use crate::{
    commands::{Failure, show::ShownSession},
    rows::{TrackPlace, tracks},
    store::{SpanRow, SpanTexts, WrittenSpans},
};

/// Writer of the events of a session.
struct EventWriter<'w> {
    session: &'w ShownSession,
    line: &'w mut LineSink<'w>,
    /// Place of each node on the tracks.
    places: Vec<TrackPlace>,
    /// Start of the session, in nanoseconds since 1970: microseconds since 1970 would be cut to quarters by readers.
    start: u64,
    is_written: Vec<bool>,
    /// Events that wait for that of a node.
    waiting: HashMap<usize, Vec<(usize, Value)>>,
    separator: &'static str,
}

/// Writes a session as one JSON object, with an event a line.
pub(super) fn write(
    session: &ShownSession,
    line: &mut LineSink<'_>,
) -> Result<WrittenSpans, Failure> {
    let nodes = session.tree.nodes();
    let start = nodes.iter().map(|node| node.start).min().unwrap_or_default();
    let head = json!({ "session": session.id.to_string(), "start_unix_nano": start.to_string() });
    line(&format!(r#"{{"displayTimeUnit":"ms","otherData":{head},"traceEvents":["#))?;
    let mut writer = EventWriter {
        session,
        line: &mut |text| line(text),
        places: tracks(&session.tree),
        start,
        is_written: vec![false; nodes.len()],
        waiting: HashMap::new(),
        separator: "",
    };
    writer.write_names()?;
    writer.write_running()?;
    writer.write_ended()?;
    writer.write_rest()?;
    line("]}")?;
    let spans = nodes.iter().filter(|node| node.row.is_some()).count();
    Ok(WrittenSpans { spans, faults: session.spans.faults.clone() })
}

impl EventWriter<'_> {
    /// Writes the names of the session and of the tracks, each named after its first span.
    fn write_names(&mut self) -> io::Result<()> {
        let name = format!("{} {}", self.session.title(0).1, self.session.id);
        self.write(&meta("process_name", 1, "name", &json!(name)))?;
        let mut named = vec![None; self.places.len()];
        let nodes = self.session.tree.nodes();
        for (node, place) in self.places.iter().enumerate() {
            let first = named[place.track].get_or_insert(node);
            if nodes[node].start < nodes[*first].start {
                *first = node;
            }
        }
        for (node, track) in named.into_iter().flatten().zip(1..) {
            let (kind, name) = self.session.title(node);
            let name = json!(format!("{kind} {name}"));
            self.write(&meta("thread_name", track, "name", &name))?;
            self.write(&meta("thread_sort_index", track, "sort_index", &json!(track)))?;
        }
        Ok(())
    }

    /// Writes the spans that have not ended, as begun.
    fn write_running(&mut self) -> io::Result<()> {
        let nodes = self.session.tree.nodes();
        for node in (0..nodes.len()).filter(|node| nodes[*node].row.is_none()) {
            let mut event = self.event(node, "B");
            event["args"] = json!({ "id": nodes[node].id.to_string(), "not_ended": true });
            self.write_event(node, event)?;
        }
        Ok(())
    }

    /// Writes the spans that have ended, in the order of the file.
    fn write_ended(&mut self) -> Result<(), Failure> {
        let session = self.session;
        let (by_place, mut written) = (session.tree.by_place(session.table()), Ok(()));
        session.store.visit_texts(session.id, &mut |place, texts| {
            if let Some(node) = by_place.get(&(place.offset, place.index)) {
                let event = self.ended_event(*node, &texts);
                written = self.write_event(*node, event);
            }
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(written?)
    }

    /// Writes the spans whose place in the file has changed since, without their texts, and those that wait for them.
    fn write_rest(&mut self) -> io::Result<()> {
        for node in 0..self.is_written.len() {
            if !self.is_written[node] {
                let event = self.ended_event(node, &SpanTexts::default());
                self.write_event(node, event)?;
            }
        }
        Ok(())
    }

    fn ended_event(&self, node: usize, texts: &SpanTexts<'_>) -> Value {
        let place = self.session.tree.nodes()[node];
        let mut event = self.event(node, "X");
        event["dur"] = micros(place.end.saturating_sub(place.start));
        event["args"] = self.arguments(node, texts);
        event
    }

    fn event(&self, node: usize, phase: &str) -> Value {
        let (kind, name) = self.session.title(node);
        let start = self.session.tree.nodes()[node].start - self.start;
        json!({
            "ph": phase, "cat": kind, "name": name, "ts": micros(start),
            "pid": PROCESS, "tid": self.places[node].track + 1,
        })
    }

    /// Returns what a span says of itself, as far as it does.
    fn arguments(&self, node: usize, texts: &SpanTexts<'_>) -> Value {
        let text = |id| self.session.table().text(id);
        let mut all = Map::new();
        all.insert("id".into(), json!(self.session.tree.nodes()[node].id.to_string()));
        if let Some(SpanRow { agent, model, tokens, cost, error, marks, .. }) =
            self.session.row(node)
        {
            let marked = |is_so: bool| is_so.then_some(true);
            let known = [
                ("input", json!(texts.input)),
                ("output", json!(texts.output)),
                ("model", json!(model.map(text))),
                ("agent", json!(agent.map(text))),
                ("input_tokens", json!(tokens.input)),
                ("output_tokens", json!(tokens.output)),
                ("cached_tokens", json!(tokens.cached)),
                ("cost_usd", json!(cost)),
                ("error", json!(error.map(text))),
                ("cancelled", json!(marked(marks.is_cancelled))),
                ("late", json!(marked(marks.is_late))),
                ("unfinished", json!(marked(marks.is_unfinished))),
            ];
            let known = known.into_iter().filter(|(_, value)| !value.is_null());
            all.extend(known.map(|(key, value)| (key.to_owned(), value)));
        }
        Value::Object(all)
    }

    /// Writes the event of a node and those that wait for it, unless it waits itself for that of the span around it.
    fn write_event(&mut self, node: usize, event: Value) -> io::Result<()> {
        let nodes = self.session.tree.nodes();
        let starts_with =
            |around: &usize| !self.is_written[*around] && nodes[*around].start == nodes[node].start;
        let outer = self.places[node].around.filter(starts_with);
        if let Some(outer) = outer {
            self.waiting.entry(outer).or_default().push((node, event));
            return Ok(());
        }
        let mut next = vec![(node, event)];
        while let Some((node, event)) = next.pop() {
            self.write(&event)?;
            self.is_written[node] = true;
            next.extend(self.waiting.remove(&node).into_iter().flatten());
        }
        Ok(())
    }

    fn write(&mut self, event: &Value) -> io::Result<()> {
        (self.line)(&format!("{}{event}", self.separator))?;
        self.separator = ",";
        Ok(())
    }
}

/// Number of the only process.
const PROCESS: u64 = 1;

fn meta(event: &str, track: usize, key: &str, value: &Value) -> Value {
    json!({ "ph": "M", "name": event, "pid": PROCESS, "tid": track, "args": { key: value } })
}

/// Returns nanoseconds as microseconds, with a fraction if there is one.
#[expect(
    clippy::cast_precision_loss,
    reason = "a session takes less than the hundred days that are exact"
)]
fn micros(nanos: u64) -> Value {
    if nanos.is_multiple_of(1_000) { json!(nanos / 1_000) } else { json!(nanos as f64 / 1_000.0) }
}
