//! One recorded call, as a test wants to look at it.

use std::time::SystemTime;

use opentelemetry::{Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{attribute::find, record::semconv};

/// A call that a [`Capture`](super::Capture) has seen.
#[derive(Clone, Debug)]
pub struct Call(SpanData);

impl Call {
    pub(super) fn of(span: SpanData) -> Self {
        Self(span)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        text(&self.0, semconv::OPERATION_NAME).unwrap_or_default()
    }

    /// Its kind, as in `agentops.span.kind`.
    #[must_use]
    pub fn kind(&self) -> String {
        text(&self.0, semconv::SPAN_KIND).unwrap_or_default()
    }

    /// The captured arguments, as one object; null if nothing was captured.
    #[must_use]
    pub fn input(&self) -> serde_json::Value {
        self.json(semconv::INPUT_VALUE)
    }

    /// The captured result; null if there is none.
    #[must_use]
    pub fn output(&self) -> serde_json::Value {
        self.json(semconv::OUTPUT_VALUE)
    }

    /// The error, if it failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        match &self.0.status {
            Status::Error { description } => Some(description),
            Status::Unset | Status::Ok => None,
        }
    }

    /// The tokens that went into a model call.
    #[must_use]
    pub fn input_tokens(&self) -> Option<u64> {
        self.count(semconv::INPUT_TOKENS)
    }

    /// The tokens that came out of a model call.
    #[must_use]
    pub fn output_tokens(&self) -> Option<u64> {
        self.count(semconv::OUTPUT_TOKENS)
    }

    /// An attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.0.attributes, key)
    }

    /// The whole span.
    #[must_use]
    pub fn span(&self) -> &SpanData {
        &self.0
    }

    pub(super) fn started(&self) -> SystemTime {
        self.0.start_time
    }

    fn count(&self, key: &str) -> Option<u64> {
        match self.attribute(key)? {
            Value::I64(count) => u64::try_from(*count).ok(),
            _ => None,
        }
    }

    /// JSON as it is, and text as a text.
    fn json(&self, key: &str) -> serde_json::Value {
        let Some(value) = text(&self.0, key) else { return serde_json::Value::Null };
        let is_text = match key {
            semconv::OUTPUT_VALUE => {
                text(&self.0, semconv::OUTPUT_MIME_TYPE).is_some_and(|it| it == "text/plain")
            }
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
