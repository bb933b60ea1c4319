//! Recorded call, with accessors for tests.

use std::time::SystemTime;

use opentelemetry::{Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{attribute::find, llm::Usage, record::semconv};

/// Call recorded by a [`Capture`](super::Capture).
#[derive(Clone, Debug)]
pub struct Call(SpanData);

impl Call {
    pub(super) fn of(span: SpanData) -> Self {
        Self(span)
    }

    /// Returns the name of the call.
    #[must_use]
    pub fn name(&self) -> String {
        text(&self.0, semconv::OPERATION_NAME).unwrap_or_default()
    }

    /// Returns the kind of the call (`agentops.span.kind`).
    #[must_use]
    pub fn kind(&self) -> String {
        text(&self.0, semconv::SPAN_KIND).unwrap_or_default()
    }

    /// Returns the captured arguments as one object; `null` if nothing was captured.
    #[must_use]
    pub fn input(&self) -> serde_json::Value {
        self.json(semconv::INPUT_VALUE)
    }

    /// Asserts the captured arguments, as the JSON text of an object. The order of its fields has no meaning.
    ///
    /// ```
    /// # use agentops::{SpanKind, testing::Capture};
    /// # #[agentops::tool] fn search(query: &str, limit: u8) {}
    /// # #[agentops::session] fn run() { search("tea", 3); }
    /// let capture = Capture::start();
    /// run();
    /// capture.calls(SpanKind::Tool)[0].assert_input(r#"{"query":"tea","limit":3}"#);
    /// ```
    ///
    /// # Panics
    /// Panics if the arguments differ.
    #[track_caller]
    pub fn assert_input(&self, json: &str) {
        let (kind, name) = (self.kind(), self.name());
        assert_eq!(self.input(), json_or_text(json), "input of {kind} `{name}`");
    }

    /// Returns the captured result; `null` if there is none.
    #[must_use]
    pub fn output(&self) -> serde_json::Value {
        self.json(semconv::OUTPUT_VALUE)
    }

    /// Returns the error message if the call failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        match &self.0.status {
            Status::Error { description } => Some(description),
            Status::Unset | Status::Ok => None,
        }
    }

    /// Returns the tokens of a model call.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage::of(&self.0.attributes)
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.0.attributes, key)
    }

    /// Returns the underlying span.
    #[must_use]
    pub fn span(&self) -> &SpanData {
        &self.0
    }

    pub(super) fn started(&self) -> SystemTime {
        self.0.start_time
    }

    /// Returns an attribute parsed as JSON, or as a string if it is plain text.
    fn json(&self, key: &str) -> serde_json::Value {
        let Some(value) = text(&self.0, key) else { return serde_json::Value::Null };
        let is_text = match key {
            semconv::OUTPUT_VALUE => text(&self.0, semconv::OUTPUT_MIME_TYPE)
                .is_some_and(|mime_type| mime_type == "text/plain"),
            _ => false,
        };
        if is_text { value.into() } else { json_or_text(&value) }
    }
}

/// Parses JSON; a text that is none, or that nests too deep, becomes a string.
fn json_or_text(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

pub(super) fn text(span: &SpanData, key: &str) -> Option<String> {
    find(&span.attributes, key).map(|value| value.as_str().into_owned())
}
