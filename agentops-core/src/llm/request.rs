//! What a model is asked.

use std::{mem, sync::Arc};

use opentelemetry::{Array, KeyValue, StringValue, Value};
use serde::Serialize;

use super::{Message, TokenCount, depth::shallow, messages_json, parts_json, tools_json};
use crate::{
    look::tree,
    record::{Extent, semconv},
};

/// A request to a model: its settings, and what it says; what is not given is not recorded.
///
/// ```
/// use agentops::LlmRequest;
///
/// agentops::current().set_request(&LlmRequest::new().with_temperature(0.2).with_max_tokens(500));
/// ```
///
/// A type that is [`ToLlmRequest`] tells it where it is an argument of `#[llm]`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LlmRequest {
    /// The model that is asked (`gen_ai.request.model`).
    pub model: Option<String>,
    /// The provider (`gen_ai.provider.name`).
    pub provider: Option<String>,
    /// True to stream the answer (`gen_ai.request.stream`, if it is).
    pub stream: Option<bool>,
    /// The temperature (`gen_ai.request.temperature`).
    pub temperature: Option<f64>,
    /// The share of the likeliest tokens that it samples from (`gen_ai.request.top_p`).
    pub top_p: Option<f64>,
    /// The number of the likeliest tokens that it samples from (`gen_ai.request.top_k`).
    pub top_k: Option<f64>,
    /// The number of answers (`gen_ai.request.choice.count`, if it is not one).
    pub choices: Option<u64>,
    /// The most tokens of the answer (`gen_ai.request.max_tokens`).
    pub max_tokens: Option<u64>,
    /// The penalty of words that come often (`gen_ai.request.frequency_penalty`).
    pub frequency_penalty: Option<f64>,
    /// The penalty of words that came at all (`gen_ai.request.presence_penalty`).
    pub presence_penalty: Option<f64>,
    /// The seed, which makes the answer repeatable (`gen_ai.request.seed`).
    pub seed: Option<i64>,
    /// Texts that end the answer (`gen_ai.request.stop_sequences`).
    pub stop_sequences: Vec<String>,
    /// The messages to the model (`gen_ai.input.messages`); content, like the next two.
    pub messages: Vec<Message>,
    /// The instructions apart from the messages (`gen_ai.system_instructions`).
    pub system_instructions: Option<String>,
    /// The tools that it may call (`gen_ai.tool.definitions`), as the client serialises them.
    pub tools: Vec<serde_json::Value>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $with:ident: $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(self, $name: $type) -> Self {
            Self { $name: Some($name.into()), ..self }
        }
    )*};
}

impl LlmRequest {
    /// A request of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// The model that is asked.
        with_model: model: impl Into<String>;
        /// Sets the provider.
        with_provider: provider: impl Into<String>;
        /// Sets whether the answer is to be streamed.
        with_stream: stream: bool;
        /// Sets the number of the likeliest tokens that it samples from.
        with_top_k: top_k: f64;
        /// Sets the number of answers.
        with_choices: choices: u64;
        /// Sets the instructions apart from the messages.
        with_system_instructions: system_instructions: impl Into<String>;
        /// Sets the temperature.
        with_temperature: temperature: f64;
        /// Sets the share of the likeliest tokens that it samples from.
        with_top_p: top_p: f64;
        /// The penalty of words that come often.
        with_frequency_penalty: frequency_penalty: f64;
        /// The penalty of words that came at all.
        with_presence_penalty: presence_penalty: f64;
        /// Sets the seed, which makes the answer repeatable.
        with_seed: seed: i64;
    }

    /// The most tokens of the answer.
    #[must_use]
    pub fn with_max_tokens(self, max_tokens: impl TokenCount) -> Self {
        Self { max_tokens: max_tokens.tokens(), ..self }
    }

    /// Adds a text that ends the answer.
    #[must_use]
    pub fn with_stop_sequence(mut self, stop: impl Into<String>) -> Self {
        self.stop_sequences.push(stop.into());
        self
    }

    /// Sets the messages to the model.
    #[must_use]
    pub fn with_messages(self, messages: impl Into<Vec<Message>>) -> Self {
        Self { messages: messages.into(), ..self }
    }

    /// The tools that it may call: a list that serialises as `OpenAI`'s, Anthropic's or Gemini's clients do.
    #[must_use]
    pub fn with_tools<T: Serialize + ?Sized>(self, tools: &T) -> Self {
        let tools = match tree(tools) {
            Some(serde_json::Value::Array(tools)) => tools,
            None | Some(serde_json::Value::Null) => Vec::new(),
            Some(tool) => vec![tool],
        };
        Self { tools, ..self }
    }

    /// Everything but the messages and the tools.
    fn clone_without_lists(&self) -> Self {
        macro_rules! clone {
            ($($field:ident)*) => { Self {
                messages: Vec::new(),
                tools: Vec::new(),
                $($field: self.$field.clone(),)*
            } };
        }
        clone! {
            model provider stream temperature top_p top_k choices max_tokens frequency_penalty
            presence_penalty seed stop_sequences system_instructions
        }
    }

    /// Adds what another argument of the same call tells.
    pub(crate) fn add(&mut self, other: Self) {
        macro_rules! either {
            ($($field:ident)*) => { Self {
                stop_sequences: joined(mem::take(&mut self.stop_sequences), other.stop_sequences),
                messages: joined(mem::take(&mut self.messages), other.messages),
                tools: joined(mem::take(&mut self.tools), other.tools),
                $($field: other.$field.or_else(|| self.$field.take()),)*
            } };
        }
        *self = either! {
            model provider stream temperature top_p top_k choices max_tokens frequency_penalty
            presence_penalty seed system_instructions
        };
    }

    /// Everything but the content.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = KeyValue> + use<> {
        let stops: Vec<StringValue> =
            self.stop_sequences.iter().map(|stop| stop.clone().into()).collect();
        let all = [
            (semconv::REQUEST_MODEL, self.model.clone().map(Value::from)),
            (semconv::PROVIDER_NAME, self.provider.clone().map(Value::from)),
            (semconv::REQUEST_STREAM, self.stream.filter(|stream| *stream).map(Value::from)),
            (semconv::REQUEST_TEMPERATURE, self.temperature.map(Value::from)),
            (semconv::REQUEST_TOP_P, self.top_p.map(Value::from)),
            (semconv::REQUEST_TOP_K, self.top_k.map(Value::from)),
            (semconv::REQUEST_CHOICES, self.choices.filter(|count| *count != 1).map(integer)),
            (semconv::REQUEST_MAX_TOKENS, self.max_tokens.map(integer)),
            (semconv::REQUEST_FREQUENCY_PENALTY, self.frequency_penalty.map(Value::from)),
            (semconv::REQUEST_PRESENCE_PENALTY, self.presence_penalty.map(Value::from)),
            (semconv::REQUEST_SEED, self.seed.map(Value::from)),
            (
                semconv::REQUEST_STOP_SEQUENCES,
                (!stops.is_empty()).then_some(Value::Array(Array::String(stops))),
            ),
        ];
        all.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?)))
    }

    /// The content, each value within these bounds.
    pub(crate) fn content(&self, extent: Extent) -> impl Iterator<Item = KeyValue> + use<> {
        let Self { messages, system_instructions, tools, .. } = self;
        let all = [
            (
                semconv::SYSTEM_INSTRUCTIONS,
                system_instructions.as_ref().map(|it| parts_json(it, extent.max_len)),
            ),
            (
                semconv::INPUT_MESSAGES,
                (!messages.is_empty()).then(|| messages_json(messages, extent)),
            ),
            (
                semconv::TOOL_DEFINITIONS,
                (!tools.is_empty()).then(|| tools_json(tools, extent.max_len)),
            ),
        ];
        all.into_iter().filter_map(|(key, json)| Some(KeyValue::new(key, json?)))
    }
}

fn joined<T>(mut first: Vec<T>, then: Vec<T>) -> Vec<T> {
    first.extend(then);
    first
}

fn integer(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// A type that tells of a request to a model by itself: `#[llm]` asks each argument that it captures. What the
/// macro's options say wins, and so does what is said inside the function.
///
/// With the features `async-openai`, `genai` and `rig` the requests of these clients are such types.
///
/// ```
/// use agentops::{LlmRequest, Message, ToLlmRequest, llm};
///
/// struct Question {
///     model: &'static str,
///     text: String,
/// }
///
/// impl ToLlmRequest for Question {
///     fn to_llm_request(&self) -> LlmRequest {
///         LlmRequest::new().with_model(self.model).with_messages([Message::user(&self.text)])
///     }
/// }
///
/// #[llm]
/// fn ask(question: &Question) -> String {
///     question.text.to_uppercase()
/// }
/// # assert_eq!(ask(&Question { model: "shouter-2", text: "hi".into() }), "HI");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell of a request to a model",
    note = "implement `ToLlmRequest` for it"
)]
pub trait ToLlmRequest {
    /// What the request tells.
    fn to_llm_request(&self) -> LlmRequest;
}

impl ToLlmRequest for LlmRequest {
    fn to_llm_request(&self) -> LlmRequest {
        let Self { messages, tools, .. } = self;
        Self {
            messages: messages.iter().map(Message::shallow).collect(),
            tools: tools.iter().map(|tool| shallow(tool).into_owned()).collect(),
            ..self.clone_without_lists()
        }
    }
}

impl<T: ToLlmRequest> ToLlmRequest for Option<T> {
    fn to_llm_request(&self) -> LlmRequest {
        self.as_ref().map(T::to_llm_request).unwrap_or_default()
    }
}

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        impl<T: ToLlmRequest + ?Sized> ToLlmRequest for $pointer {
            fn to_llm_request(&self) -> LlmRequest {
                T::to_llm_request(self)
            }
        }
    )*};
}
pointer!(&T &mut T Box<T> Arc<T>);

/// A conversation: what its messages tell, one after the other.
impl<T: ToLlmRequest> ToLlmRequest for [T] {
    fn to_llm_request(&self) -> LlmRequest {
        self.iter().map(T::to_llm_request).fold(LlmRequest::new(), |mut whole, one| {
            whole.add(one);
            whole
        })
    }
}

impl<T: ToLlmRequest> ToLlmRequest for Vec<T> {
    fn to_llm_request(&self) -> LlmRequest {
        self.as_slice().to_llm_request()
    }
}

impl ToLlmRequest for Message {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest::new().with_messages([self.shallow()])
    }
}
