//! Content of a span: all that its line says of it.

use std::{borrow::Cow, fs::File, io, ops::ControlFlow, path::Path};

use agentops_core::store::{JsonLines, LineSpan};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::Span,
};
use serde_json::json;

use super::{
    ids::{SessionId, SpanId},
    line_reader::{LineReader, LineText},
    span_table::SpanPlace,
};

/// Keys of the input of a span, the one that says most first.
pub(super) const INPUTS: [&str; 5] = [
    "gen_ai.input.messages",
    "input.value",
    "gen_ai.tool.call.arguments",
    "agentops.entity.input",
    "gen_ai.retrieval.query.text",
];
/// Keys of its output, likewise.
pub(super) const OUTPUTS: [&str; 4] =
    ["gen_ai.output.messages", "output.value", "gen_ai.tool.call.result", "agentops.entity.output"];

/// Keys of the arguments of a function, likewise.
pub(super) const ARGUMENTS: [&str; 3] =
    ["input.value", "gen_ai.tool.call.arguments", "agentops.entity.input"];

/// Key of the instructions that a model call has beside its messages.
pub(super) const INSTRUCTIONS: &str = "gen_ai.system_instructions";

/// Content of a span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpanContent {
    pub(crate) span: Span,
    resource: Resource,
    pub(crate) scope: InstrumentationScope,
}

/// Link of a span to another one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpanLink<'c> {
    /// Trace and span; `None` if they have no valid ids.
    pub(crate) ids: Option<(SessionId, SpanId)>,
    /// Attributes as JSON.
    pub(crate) attributes: Vec<(&'c str, serde_json::Value)>,
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
                found = Some(Self::of(line));
            }
            index += 1;
        });
        Ok(found.filter(|_| walked.is_some_and(|walked| walked.is_ok())))
    }

    /// Calls `visit` with the contents of the spans of a session in a file, in the order of the file, until it breaks.
    pub(super) fn visit(
        path: &Path,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, &Self) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let mut lines = LineReader::at(File::open(path)?, 0)?;
        let mut flow = ControlFlow::Continue(());
        while let (true, Some(line)) = (flow.is_continue(), lines.next_line()?) {
            let (LineText::Whole(text) | LineText::Unended(text)) = line.text else { continue };
            let mut index = 0;
            // An invalid line is a fault of the table, which has been read before.
            let _ = JsonLines::new(text).next_line(|found| {
                let place = SpanPlace { offset: line.offset, index };
                index += 1;
                if flow.is_continue() && session.is_of(&found.span.trace_id) {
                    flow = visit(place, &Self::of(found));
                }
            });
        }
        Ok(())
    }

    fn of(line: LineSpan<'_>) -> Self {
        Self {
            resource: line.resource.cloned().unwrap_or_default(),
            scope: line.scope.cloned().unwrap_or_default(),
            span: line.span,
        }
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

    /// Returns the attributes of the process that recorded the span.
    pub(crate) fn resource(&self) -> Vec<(&str, serde_json::Value)> {
        as_pairs(&self.resource.attributes)
    }

    /// Returns the name of the service or the program that recorded the span.
    pub(crate) fn program(&self) -> Option<String> {
        let text = |key: &str| {
            let found = self.resource.attributes.iter().rfind(|attribute| attribute.key == key)?;
            value_of(found).as_str().map(str::to_owned)
        };
        text("service.name").or_else(|| text("process.executable.name"))
    }

    /// Returns the links to other spans.
    pub(crate) fn links(&self) -> impl Iterator<Item = SpanLink<'_>> {
        self.span.links.iter().map(|link| SpanLink {
            ids: SessionId::of(&link.trace_id).zip(SpanId::of(&link.span_id)),
            attributes: as_pairs(&link.attributes),
        })
    }

    /// Returns the input of the span: messages of a model call, arguments of a function.
    pub(crate) fn input(&self) -> Option<String> {
        self.attribute(self.input_key()?)
    }

    /// Returns the input with the instructions of a model call as its first message.
    pub(crate) fn prompt(&self) -> Option<String> {
        let (system, input) = (self.attribute(INSTRUCTIONS), self.input());
        prompt(system.as_deref(), input.as_deref()).map(Cow::into_owned)
    }

    /// Returns the key of the attribute with the input.
    pub(crate) fn input_key(&self) -> Option<&'static str> {
        self.first_of(&INPUTS)
    }

    /// Returns the arguments of the function, also where the span has messages besides them.
    pub(crate) fn arguments(&self) -> Option<String> {
        ARGUMENTS.iter().find_map(|key| self.attribute(key))
    }

    /// Returns the output of the span.
    pub(crate) fn output(&self) -> Option<String> {
        self.attribute(self.output_key()?)
    }

    /// Returns the key of the attribute with the output.
    pub(crate) fn output_key(&self) -> Option<&'static str> {
        self.first_of(&OUTPUTS)
    }

    fn first_of(&self, keys: &[&'static str]) -> Option<&'static str> {
        let has = |key: &&&str| self.span.attributes.iter().any(|found| found.key == **key);
        keys.iter().find(has).copied()
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

/// Returns a list of messages with instructions as the first of them, and any other input as it is.
pub(super) fn prompt<'i>(
    instructions: Option<&str>,
    input: Option<&'i str>,
) -> Option<Cow<'i, str>> {
    let input = input?;
    let messages = input.trim_start().strip_prefix('[');
    let (Some(instructions), Some(messages)) = (instructions, messages) else {
        return Some(input.into());
    };
    let parts = serde_json::from_str(instructions).unwrap_or_else(|_| json!(instructions));
    let system = json!({ "role": "system", "parts": parts });
    let comma = if messages.trim_start().starts_with(']') { "" } else { "," };
    Some(format!("[{system}{comma}{messages}").into())
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
