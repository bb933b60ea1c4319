//! Request to a model.

use std::{mem, sync::Arc};

use opentelemetry::{Array, KeyValue, StringValue, Value};
use serde::Serialize;

use super::{Message, TokenCount, json_depth::shallow, messages_json, parts_json, tools_json};
use crate::{
    attribute::saturating_i64,
    inspect::tree,
    record::{Extent, semconv},
};

/// Request to a model: settings and content. Fields that are not set are not recorded.
///
/// ```
/// use agentops::LlmRequest;
///
/// agentops::current().set_request(&LlmRequest::new().temperature(0.2).max_tokens(500));
/// ```
///
/// `#[llm]` records the request from an argument whose type implements [`ToLlmRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LlmRequest {
    /// Requested model (`gen_ai.request.model`).
    pub model: Option<String>,
    /// Provider of the model (`gen_ai.provider.name`).
    pub provider: Option<String>,
    /// `true` to stream the answer (`gen_ai.request.stream`, recorded only if `true`).
    pub stream: Option<bool>,
    /// Sampling temperature (`gen_ai.request.temperature`).
    pub temperature: Option<f64>,
    /// Nucleus-sampling probability mass (`gen_ai.request.top_p`).
    pub top_p: Option<f64>,
    /// Number of most likely tokens to sample from (`gen_ai.request.top_k`).
    pub top_k: Option<f64>,
    /// Number of choices to generate (`gen_ai.request.choice.count`, recorded only if it is not one).
    pub choices: Option<u64>,
    /// Maximum number of tokens to generate (`gen_ai.request.max_tokens`).
    pub max_tokens: Option<u64>,
    /// Frequency penalty (`gen_ai.request.frequency_penalty`).
    pub frequency_penalty: Option<f64>,
    /// Presence penalty (`gen_ai.request.presence_penalty`).
    pub presence_penalty: Option<f64>,
    /// Seed for deterministic sampling (`gen_ai.request.seed`).
    pub seed: Option<i64>,
    /// Sequences at which generation stops (`gen_ai.request.stop_sequences`).
    pub stop_sequences: Vec<String>,
    /// Messages to the model (`gen_ai.input.messages`). Recorded as content, like the next two fields.
    pub messages: Vec<Message>,
    /// System instructions passed separately from the messages (`gen_ai.system_instructions`).
    pub system_instructions: Option<String>,
    /// Tools available to the model (`gen_ai.tool.definitions`), as the client serialises them.
    pub tools: Vec<serde_json::Value>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, $name: $type) -> Self {
            Self { $name: Some($name.into()), ..self }
        }
    )*};
}

impl LlmRequest {
    /// Creates an empty request.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the requested model.
        model: impl Into<String>;
        /// Sets the provider.
        provider: impl Into<String>;
        /// Sets whether the answer is streamed.
        stream: bool;
        /// Sets the number of most likely tokens to sample from (top-k).
        top_k: f64;
        /// Sets the number of choices to generate.
        choices: u64;
        /// Sets the system instructions passed separately from the messages.
        system_instructions: impl Into<String>;
        /// Sets the sampling temperature.
        temperature: f64;
        /// Sets the nucleus-sampling probability mass (top-p).
        top_p: f64;
        /// Sets the frequency penalty.
        frequency_penalty: f64;
        /// Sets the presence penalty.
        presence_penalty: f64;
        /// Sets the seed for deterministic sampling.
        seed: i64;
    }

    /// Sets the maximum number of tokens to generate; an unknown number unsets it.
    #[must_use]
    pub fn max_tokens(self, max_tokens: impl TokenCount) -> Self {
        Self { max_tokens: max_tokens.tokens(), ..self }
    }

    /// Adds a sequence at which generation stops.
    #[must_use]
    pub fn stop_sequence(mut self, stop: impl Into<String>) -> Self {
        self.stop_sequences.push(stop.into());
        self
    }

    /// Sets the messages to the model.
    #[must_use]
    pub fn messages(self, messages: impl Into<Vec<Message>>) -> Self {
        Self { messages: messages.into(), ..self }
    }

    /// Sets the tools available to the model: a list that serialises like those of the `OpenAI`, Anthropic or
    /// Gemini clients.
    #[must_use]
    pub fn tools<T: Serialize + ?Sized>(self, tools: &T) -> Self {
        let tools = match tree(tools) {
            Some(serde_json::Value::Array(tools)) => tools,
            None | Some(serde_json::Value::Null) => Vec::new(),
            Some(tool) => vec![tool],
        };
        Self { tools, ..self }
    }

    /// Clones all fields except the messages and the tools.
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

    /// Merges the request of another argument of the same call: lists are appended, other fields overwritten if
    /// set.
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

    /// Returns all attributes except the content.
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

    /// Returns the content attributes, each value limited by `extent`.
    pub(crate) fn content(&self, extent: Extent) -> impl Iterator<Item = KeyValue> + use<> {
        let Self { messages, system_instructions, tools, .. } = self;
        let all = [
            (
                semconv::SYSTEM_INSTRUCTIONS,
                system_instructions.as_ref().map(|parts| parts_json(parts, extent.max_len)),
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
    saturating_i64(count).into()
}

/// Conversion to an [`LlmRequest`]. `#[llm]` calls it for each captured argument that implements it. Options of
/// the macro and values set inside the function take precedence.
///
/// The features `async-openai`, `genai` and `rig` implement it for the request types of these clients.
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
///         LlmRequest::new().model(self.model).messages([Message::user(&self.text)])
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
    /// Returns the request described by this value.
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

/// Merges the requests of the items in order, as for a conversation.
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
        LlmRequest::new().messages([self.shallow()])
    }
}
