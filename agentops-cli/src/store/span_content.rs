//! Content of a span: all that its line says of it.

use std::{fs::File, io, path::Path};

use agentops_core::store::JsonLines;
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};
use serde_json::json;

use super::{
    ids::SessionId,
    line_reader::{LineReader, LineText},
    span_table::SpanPlace,
};

/// Keys of the input of a span, the one that says most first.
pub(super) const INPUTS: [&str; 4] =
    ["gen_ai.input.messages", "input.value", "gen_ai.tool.call.arguments", "agentops.entity.input"];
/// Keys of its output, likewise.
pub(super) const OUTPUTS: [&str; 4] =
    ["gen_ai.output.messages", "output.value", "gen_ai.tool.call.result", "agentops.entity.output"];

/// Keys of the arguments of a function, likewise.
pub(super) const ARGUMENTS: [&str; 3] =
    ["input.value", "gen_ai.tool.call.arguments", "agentops.entity.input"];

/// Content of a span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpanContent {
    span: Span,
}

/// Event of a span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpanEvent<'c> {
    pub(crate) name: &'c str,
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// Attributes as JSON.
    pub(crate) attributes: Vec<(&'c str, serde_json::Value)>,
}

impl SpanContent {
    /// Reads the content of the span at a place. Returns `None` if the file has changed and it is no longer there.
    pub(super) fn read(path: &Path, place: SpanPlace) -> io::Result<Option<Self>> {
        let mut lines = LineReader::at(File::open(path)?, place.offset)?;
        let line = lines.next_line()?.map(|line| line.text);
        let Some(LineText::Whole(text) | LineText::Unended(text)) = line else { return Ok(None) };
        let (mut index, mut found) = (0, None);
        let walked = JsonLines::new(text).next_line(|line| {
            if index == place.index {
                found = Some(Self { span: line.span });
            }
            index += 1;
        });
        Ok(found.filter(|_| walked.is_some_and(|walked| walked.is_ok())))
    }

    /// Returns an attribute as text: a string as it is, anything else as JSON.
    pub(crate) fn attribute(&self, key: &str) -> Option<String> {
        let found = self.span.attributes.iter().rfind(|attribute| attribute.key == key)?;
        Some(match value_of(found) {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// Returns the attributes as JSON, in the order in which they were recorded.
    pub(crate) fn attributes(&self) -> Vec<(&str, serde_json::Value)> {
        as_pairs(&self.span.attributes)
    }

    /// Returns the input of the span: messages of a model call, arguments of a function.
    pub(crate) fn input(&self) -> Option<String> {
        INPUTS.iter().find_map(|key| self.attribute(key))
    }

    /// Returns the arguments of the function, also where the span has messages besides them.
    pub(crate) fn arguments(&self) -> Option<String> {
        ARGUMENTS.iter().find_map(|key| self.attribute(key))
    }

    /// Returns the output of the span.
    pub(crate) fn output(&self) -> Option<String> {
        OUTPUTS.iter().find_map(|key| self.attribute(key))
    }

    /// Returns the sessions that the span is linked to.
    pub(crate) fn links(&self) -> impl Iterator<Item = SessionId> {
        let hex = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        self.span.links.iter().filter_map(move |link| hex(&link.trace_id).parse().ok())
    }

    /// Returns the events in the order of their time.
    pub(crate) fn events(&self) -> impl Iterator<Item = SpanEvent<'_>> {
        self.span.events.iter().map(|event| SpanEvent {
            name: &event.name,
            time: event.time_unix_nano,
            attributes: as_pairs(&event.attributes),
        })
    }
}

fn as_pairs(attributes: &[KeyValue]) -> Vec<(&str, serde_json::Value)> {
    attributes.iter().map(|attribute| (attribute.key.as_str(), value_of(attribute))).collect()
}

fn value_of(attribute: &KeyValue) -> serde_json::Value {
    attribute.value.as_ref().map_or(serde_json::Value::Null, as_json)
}

/// Returns a value as JSON.
// Nested values come from a parser that limits their depth, so the recursion is bounded.
pub(super) fn as_json(value: &AnyValue) -> serde_json::Value {
    match value.value.as_ref() {
        Some(Value::StringValue(text)) => json!(text),
        Some(Value::BoolValue(is_true)) => json!(is_true),
        Some(Value::IntValue(number)) => json!(number),
        Some(Value::DoubleValue(number)) => json!(number),
        Some(Value::ArrayValue(list)) => list.values.iter().map(as_json).collect(),
        Some(Value::KvlistValue(map)) => {
            map.values.iter().map(|entry| (entry.key.clone(), value_of(entry))).collect()
        }
        Some(Value::BytesValue(bytes)) => json!(format!("{} bytes", bytes.len())),
        Some(_) | None => serde_json::Value::Null,
    }
}
