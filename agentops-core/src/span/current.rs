//! The span that the calling code runs in, to be told more about.

use opentelemetry::{Context, Key, KeyValue, trace::TraceContextExt};

use crate::{attribute::FieldValue, semconv, session::admit_current};

/// The span that the calling code runs in: [`current()`].
///
/// Everything here does nothing where there is no recording span, so library code may call it freely.
#[derive(Debug)]
pub struct CurrentSpan(Option<Context>);

/// The innermost recorded span that the calling code runs in.
///
/// ```
/// #[agentops::llm]
/// fn answer(question: &str) -> String {
///     let (tokens_in, tokens_out) = (12, 1);
///     agentops::current().set_model("gpt-4o-mini").set_usage(tokens_in, tokens_out);
///     question.to_uppercase()
/// }
/// ```
#[must_use]
pub fn current() -> CurrentSpan {
    CurrentSpan(admit_current().ok().map(|_| Context::current()))
}

impl CurrentSpan {
    /// Whether there is a span that records.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.0.as_ref().is_some_and(|context| context.span().is_recording())
    }

    /// Sets an attribute; of several values for one key the last is kept.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl FieldValue) -> &Self {
        if let (Some(context), Some(value)) = (&self.0, value.field_value()) {
            context.span().set_attribute(KeyValue::new(key, value));
        }
        self
    }

    /// Says which model was asked (`gen_ai.request.model`).
    pub fn set_model(&self, model: impl FieldValue) -> &Self {
        self.set_attribute(semconv::REQUEST_MODEL, model)
    }

    /// Says how many tokens went in and came out (`gen_ai.usage.input_tokens`, `.output_tokens`).
    pub fn set_usage(&self, input_tokens: u64, output_tokens: u64) -> &Self {
        self.set_attribute(semconv::INPUT_TOKENS, input_tokens)
            .set_attribute(semconv::OUTPUT_TOKENS, output_tokens)
    }

    /// Adds an event that happened now.
    pub fn event(&self, name: impl Into<std::borrow::Cow<'static, str>>) -> &Self {
        if let Some(context) = &self.0 {
            context.span().add_event(name, Vec::new());
        }
        self
    }
}
