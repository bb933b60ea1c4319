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
        if is_text {
            value.into()
        } else {
            serde_json::from_str(&value).unwrap_or_else(|_| value.into())
        }
    }
}

pub(super) fn text(span: &SpanData, key: &str) -> Option<String> {
    find(&span.attributes, key).map(|value| value.as_str().into_owned())
}
