//! Response of a model.

use std::sync::Arc;

use opentelemetry::{Array, KeyValue, StringValue, Value};

use super::{Message, Usage, messages_json};
use crate::record::{Extent, semconv};

/// Response of a model, as returned by the function `path` in `#[llm(response = path)]`.
///
/// For a stream, the function is called for each item, and later items are merged into the earlier ones.
///
/// ```
/// use agentops::{LlmResponse, Usage, llm};
///
/// struct Answer {
///     text: String,
///     model: String,
///     tokens: (u64, u64),
/// }
///
/// fn told(answer: &Answer) -> LlmResponse {
///     LlmResponse::new().model(&answer.model).usage(Usage::new().input(answer.tokens.0).output(answer.tokens.1))
/// }
///
/// #[llm(provider = "local", response = told)]
/// fn ask(prompt: &str) -> Result<Answer, String> {
///     Ok(Answer { text: prompt.to_uppercase(), model: "shouter-2".into(), tokens: (3, 3) })
/// }
/// # assert_eq!(ask("hi").unwrap().text, "HI");
/// ```
///
/// For the program's own types, implement [`ToLlmResponse`] instead; it applies wherever `#[llm]` returns the
/// type.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LlmResponse {
    /// Model that answered (`gen_ai.response.model`), often more exact than the requested one.
    pub model: Option<String>,
    /// Provider of the model (`gen_ai.provider.name`).
    pub provider: Option<String>,
    /// Id of the response (`gen_ai.response.id`).
    pub id: Option<String>,
    /// Finish reasons, one for each choice (`gen_ai.response.finish_reasons`).
    pub finish_reasons: Vec<String>,
    /// Token usage of the call.
    pub usage: Usage,
    /// Answer of the model: text and tool calls (`gen_ai.output.messages`). For a stream, each item contains only
    /// the text it adds.
    pub output: Option<Message>,
    /// Further choices, if more than one was requested.
    pub alternatives: Vec<Message>,
}

impl LlmResponse {
    /// Creates an empty response.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the model that answered.
    #[must_use]
    pub fn model(self, model: impl Into<String>) -> Self {
        Self { model: Some(model.into()), ..self }
    }

    /// Sets the provider.
    #[must_use]
    pub fn provider(self, provider: impl Into<String>) -> Self {
        Self { provider: Some(provider.into()), ..self }
    }

    /// Sets the id of the response.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// Adds the finish reason of a choice.
    #[must_use]
    pub fn finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.finish_reasons.push(reason.into());
        self
    }

    /// Sets the token usage of the call.
    #[must_use]
    pub fn usage(self, usage: Usage) -> Self {
        Self { usage, ..self }
    }

    /// Sets the answer to a text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.output(Message::assistant(text))
    }

    /// Sets the answer to a message.
    #[must_use]
    pub fn output(self, output: Message) -> Self {
        Self { output: Some(output), ..self }
    }

    /// Adds another choice.
    #[must_use]
    pub fn alternative(mut self, output: Message) -> Self {
        self.alternatives.push(output);
        self
    }

    /// Returns the answer as `gen_ai.output.messages`, one message for each choice, or `None` if there is no
    /// answer.
    pub(crate) fn output_json(&self, extent: Extent) -> Option<String> {
        let choices = self.output.iter().chain(&self.alternatives).enumerate();
        let messages = choices.map(|(place, choice)| {
            let mut message = choice.shallow();
            message.finish_reason =
                message.finish_reason.take().or_else(|| self.finish_reasons.get(place).cloned());
            message.answers();
            message
        });
        let messages: Vec<_> = messages.collect();
        (!messages.is_empty()).then(|| messages_json(&messages, extent))
    }

    /// Merges a later part of the same answer, except its output, which the caller handles.
    pub(crate) fn add(&mut self, later: Self) {
        let Self { model, provider, id, finish_reasons, usage, output: _, alternatives: _ } = later;
        self.model = model.or_else(|| self.model.take());
        self.provider = provider.or_else(|| self.provider.take());
        self.id = id.or_else(|| self.id.take());
        self.finish_reasons.extend(finish_reasons);
        self.usage = usage.or(self.usage);
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        let texts = [
            (semconv::RESPONSE_MODEL, &self.model),
            (semconv::PROVIDER_NAME, &self.provider),
            (semconv::RESPONSE_ID, &self.id),
        ];
        let known = |(key, text): (&'static str, &Option<String>)| {
            text.as_ref().map(|text| KeyValue::new(key, text.clone()))
        };
        let reasons: Vec<StringValue> =
            self.finish_reasons.iter().map(|reason| reason.clone().into()).collect();
        let reasons = (!reasons.is_empty())
            .then(|| KeyValue::new(semconv::FINISH_REASONS, Value::Array(Array::String(reasons))));
        texts.into_iter().filter_map(known).chain(reasons).chain(self.usage.attributes())
    }
}

/// Conversion to an [`LlmResponse`]. `#[llm]` calls it for the returned value, for the `Ok` of a `Result`, or for
/// each item of a stream.
///
/// ```
/// use agentops::{LlmResponse, ToLlmResponse, Usage, llm};
///
/// #[derive(Clone)]
/// struct Answer(String);
///
/// impl ToLlmResponse for Answer {
///     fn to_llm_response(&self) -> LlmResponse {
///         LlmResponse::new().text(&self.0).usage(Usage::new().input(3).output(1))
///     }
/// }
///
/// #[llm(model = "shouter-2")]
/// fn ask(prompt: &str) -> Result<Answer, String> {
///     Ok(Answer(prompt.to_uppercase()))
/// }
/// # assert_eq!(ask("hi").unwrap().0, "HI");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell of a model's answer",
    note = "implement `ToLlmResponse` for it, or name a function by `response = path`"
)]
pub trait ToLlmResponse {
    /// Returns the response described by this value.
    fn to_llm_response(&self) -> LlmResponse;
}

impl ToLlmResponse for LlmResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let Self { model, provider, id, finish_reasons, usage, output, alternatives } = self;
        Self {
            model: model.clone(),
            provider: provider.clone(),
            id: id.clone(),
            finish_reasons: finish_reasons.clone(),
            usage: *usage,
            output: output.as_ref().map(Message::shallow),
            alternatives: alternatives.iter().map(Message::shallow).collect(),
        }
    }
}

impl<T: ToLlmResponse> ToLlmResponse for Option<T> {
    fn to_llm_response(&self) -> LlmResponse {
        self.as_ref().map(T::to_llm_response).unwrap_or_default()
    }
}

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        impl<T: ToLlmResponse + ?Sized> ToLlmResponse for $pointer {
            fn to_llm_response(&self) -> LlmResponse {
                T::to_llm_response(self)
            }
        }
    )*};
}
pointer!(&T Box<T> Arc<T>);

#[cfg(test)]
mod tests {
    use crate::{
        llm::{message::Message, response::LlmResponse, usage::Usage},
        record::Extent,
    };

    #[test]
    fn choices_are_messages_with_their_own_reason() {
        let answer = LlmResponse::new()
            .text("a")
            .alternative(Message::assistant("b"))
            .alternative(Message::assistant("c"))
            .finish_reason("stop")
            .finish_reason("length");
        let json: serde_json::Value =
            serde_json::from_str(&answer.output_json(Extent::whole(1_000)).unwrap()).unwrap();
        let reasons: Vec<_> =
            json.as_array().unwrap().iter().map(|choice| &choice["finish_reason"]).collect();
        assert_eq!(reasons, ["stop", "length", "unknown"]);
        assert_eq!(LlmResponse::new().output_json(Extent::whole(1_000)), None);
    }

    #[test]
    fn response_parts_add_up() {
        let mut answer =
            LlmResponse::new().id("1").model("m").usage(Usage::new().input(7).output(0));
        answer.add(LlmResponse::new().model("m-2").finish_reason("stop"));
        answer.add(LlmResponse::new().usage(Usage { output: Some(9), ..Usage::default() }));
        let whole = LlmResponse::new()
            .id("1")
            .model("m-2")
            .finish_reason("stop")
            .usage(Usage::new().input(7).output(9));
        assert_eq!(answer, whole);
    }
}
