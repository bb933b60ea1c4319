//! Translator from the neutral record to the attributes that each reader expects.
//!
//! The default dialects are OpenTelemetry GenAI 1.41 and the part of `OpenInference` that its readers do not derive
//! from it. AgentOps' names are written on demand, or if AgentOps is the destination; the whole of `OpenInference` is
//! written on demand. Attributes that are recorded under OpenTelemetry's names but are not to be written are dropped
//! last, after all other exports have read them.

mod agentops;
mod conversation;
mod exceptions;
mod kinds;
mod neutral;
mod openinference;
mod python;
mod selection;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    neutral::neutral,
    selection::{drop_unselected, rename_for_agentops},
};

use opentelemetry::{
    Key, KeyValue, StringValue, Value,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;

use self::{agentops::EndStatus, kinds::names_for};
use crate::{
    attribute::{find, keep_last},
    config::Dialects,
    record::{RecordedKind, semconv as key},
};

/// Translates an ended span in place. Afterwards every key is unique.
pub(crate) fn translate(span: &mut SpanData, kind: RecordedKind, dialects: Dialects) {
    keep_last(&mut span.attributes);
    exceptions::keep_one_of_each(&mut span.events);
    let record = NeutralRecord::take_from(&mut span.attributes, kind);
    let mut writer = AttributeWriter { attributes: &mut span.attributes };
    if dialects.agentops {
        // First, since AgentOps takes the type of a span from the first key that it knows.
        let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
        let status = match &span.status {
            _ if record.is_unfinished => EndStatus::Unfinished,
            Status::Error { .. } => EndStatus::Failed,
            Status::Unset | Status::Ok => EndStatus::Succeeded,
        };
        let end = agentops::End { status, took };
        agentops::write(&mut writer, &record, end);
    }
    let operation = otel(&mut writer, &record);
    // Spans of an agent's methods carry the agent's id, too.
    writer.write_some(key::GEN_AI_AGENT_ID, record.agent_id.as_ref());
    if dialects.openinference_min {
        openinference_minimum(&mut writer, &record);
    }
    if dialects.openinference {
        openinference::write(&mut writer, &record);
    }
    keep_content(&mut writer, &record, dialects);
    if kind == RecordedKind::Llm {
        span.span_kind = SpanKind::Client;
    }
    if matches!(span.status, Status::Error { .. }) {
        // Value of the conventions for an error whose type is unknown.
        writer.write(key::ERROR_TYPE, "_OTHER");
    }
    if dialects.agentops && span.status == Status::Unset && !record.is_unfinished {
        span.status = Status::Ok;
    }
    span.name = span_name(dialects, &record, operation.as_ref()).into();
}

/// Part of the neutral record that is not exported under its own name, or from which other attributes are derived.
struct NeutralRecord {
    kind: RecordedKind,
    /// Name of the kind; of a user-defined one, its own.
    kind_name: StringValue,
    name: StringValue,
    version: Option<Value>,
    description: Option<Value>,
    agent_id: Option<Value>,
    model: Option<Value>,
    operation: Option<StringValue>,
    cost: Option<Value>,
    input_cost: Option<Value>,
    output_cost: Option<Value>,
    is_unfinished: bool,
    input: Option<Value>,
    output: Option<Value>,
}

impl NeutralRecord {
    fn take_from(attributes: &mut Vec<KeyValue>, kind: RecordedKind) -> Self {
        let mut take = |name: &str| {
            let index = attributes.iter().position(|attribute| attribute.key.as_str() == name)?;
            Some(attributes.remove(index).value)
        };
        let (input, output, description) =
            (take(key::INPUT), take(key::OUTPUT), take(key::DESCRIPTION));
        let look = |name: &str| find(attributes, name).cloned();
        let custom = (kind == RecordedKind::Custom).then(|| look(key::SPAN_KIND)).flatten();
        Self {
            kind,
            kind_name: custom.map_or_else(|| kind.as_str().into(), StringValue::from),
            name: look(key::OPERATION_NAME).map_or_else(|| "".into(), StringValue::from),
            version: look(key::OPERATION_VERSION),
            agent_id: look(key::AGENT_ID),
            model: look(key::REQUEST_MODEL).or_else(|| look(key::RESPONSE_MODEL)),
            operation: look(key::GEN_AI_OPERATION).map(StringValue::from),
            cost: look(key::COST_USD),
            input_cost: look(key::INPUT_COST_USD),
            output_cost: look(key::OUTPUT_COST_USD),
            is_unfinished: look(key::UNFINISHED).is_some(),
            input,
            output,
            description,
        }
    }
}

/// Writer of attributes. It never overwrites an attribute that is set already.
struct AttributeWriter<'a> {
    attributes: &'a mut Vec<KeyValue>,
}

impl AttributeWriter<'_> {
    fn write(&mut self, name: impl Into<Key>, value: impl Into<Value>) {
        let name = name.into();
        if find(self.attributes, name.as_str()).is_none() {
            self.attributes.push(KeyValue::new(name, value));
        }
    }

    fn write_some(&mut self, name: impl Into<Key>, value: Option<&Value>) {
        if let Some(value) = value {
            self.write(name, value.clone());
        }
    }
}

/// Writes the attributes of OpenTelemetry GenAI. Returns the operation, which begins the span's name.
fn otel(writer: &mut AttributeWriter<'_>, record: &NeutralRecord) -> Option<StringValue> {
    let name = || record.name.clone();
    let operation = match record.kind {
        RecordedKind::Session | RecordedKind::Workflow => {
            writer.write(key::WORKFLOW_NAME, name());
            "invoke_workflow".into()
        }
        RecordedKind::Agent => {
            writer.write(key::AGENT_NAME, name());
            writer.write_some(key::GEN_AI_AGENT_ID, record.agent_id.as_ref());
            writer.write_some(key::AGENT_DESCRIPTION, record.description.as_ref());
            writer.write_some(key::AGENT_VERSION, record.version.as_ref());
            "invoke_agent".into()
        }
        RecordedKind::Tool => {
            writer.write(key::TOOL_NAME, name());
            writer.write(key::TOOL_TYPE, "function");
            writer.write_some(key::TOOL_DESCRIPTION, record.description.as_ref());
            writer.write_some(key::TOOL_ARGUMENTS, record.input.as_ref());
            writer.write_some(key::TOOL_RESULT, record.output.as_ref());
            "execute_tool".into()
        }
        RecordedKind::Llm => record.operation.clone().unwrap_or_else(|| "chat".into()),
        // The conventions have no operation for most other kinds, and none is invented.
        _ => names_for(record.kind_name.as_str())?.operation?.into(),
    };
    writer.write(key::GEN_AI_OPERATION, operation.clone());
    Some(operation)
}

/// Writes the `OpenInference` attributes that its readers do not derive from the OpenTelemetry names.
fn openinference_minimum(writer: &mut AttributeWriter<'_>, record: &NeutralRecord) {
    match record.kind {
        RecordedKind::Agent => writer.write(key::OPENINFERENCE_AGENT_NAME, record.name.clone()),
        RecordedKind::Tool | RecordedKind::Llm => {}
        _ => {
            let known =
                names_for(record.kind_name.as_str()).map_or("CHAIN", |known| known.openinference);
            writer.write(key::OPENINFERENCE_KIND, known);
        }
    }
    if let Some(input) = &record.input {
        writer.write(key::INPUT_VALUE, input.clone());
        writer.write(key::INPUT_MIME_TYPE, "application/json");
    }
    if let Some(output) = &record.output {
        let (value, mime_type) = text_or_json(output);
        writer.write(key::OUTPUT_VALUE, value);
        writer.write(key::OUTPUT_MIME_TYPE, mime_type);
    }
}

/// Keeps input and output under their neutral names, unless a dialect that is written has names for them.
fn keep_content(writer: &mut AttributeWriter<'_>, record: &NeutralRecord, dialects: Dialects) {
    let has_name = dialects.openinference_min
        || dialects.agentops
        || dialects.otel && record.kind == RecordedKind::Tool;
    if !has_name {
        writer.write_some(key::INPUT, record.input.as_ref());
        writer.write_some(key::OUTPUT, record.output.as_ref());
    }
}

/// Returns the text of a JSON string, or any other JSON as it is, with its MIME type.
fn text_or_json(output: &Value) -> (Value, &'static str) {
    match serde_json::from_str::<String>(&output.as_str()) {
        Ok(text) => (text.into(), "text/plain"),
        Err(_) => (output.clone(), "application/json"),
    }
}

/// Returns the exported name of a span. AgentOps picks its icon by the suffix; OpenTelemetry begins with the
/// operation.
fn span_name(
    dialects: Dialects,
    record: &NeutralRecord,
    operation: Option<&StringValue>,
) -> String {
    let is_llm = record.kind == RecordedKind::Llm;
    let (name, operation) = (record.name.as_str(), operation.map(StringValue::as_str));
    match (operation, &record.model) {
        (Some(operation), Some(model)) if is_llm => [operation, " ", &model.as_str()].concat(),
        (Some(operation), None) if is_llm => operation.to_owned(),
        _ if dialects.agentops => [name, ".", record.kind_name.as_str()].concat(),
        (Some(operation @ "embeddings"), Some(model)) => [operation, " ", &model.as_str()].concat(),
        (Some(operation), _) => [operation, " ", name].concat(),
        (None, _) => name.to_owned(),
    }
}
