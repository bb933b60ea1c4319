//! What a model is asked, apart from the words.

use opentelemetry::{Array, KeyValue, StringValue, Value};

use super::TokenCount;
use crate::semconv;

/// The settings of a request to a model; what is not given is not recorded.
///
/// ```
/// use agentops::LlmRequest;
///
/// agentops::current().set_request(&LlmRequest::new().with_temperature(0.2).with_max_tokens(500));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LlmRequest {
    /// How freely it chooses its words (`gen_ai.request.temperature`).
    pub temperature: Option<f64>,
    /// From what share of the likeliest words (`gen_ai.request.top_p`).
    pub top_p: Option<f64>,
    /// The most tokens of the answer (`gen_ai.request.max_tokens`).
    pub max_tokens: Option<u64>,
    /// The penalty of words that come often (`gen_ai.request.frequency_penalty`).
    pub frequency_penalty: Option<f64>,
    /// The penalty of words that came at all (`gen_ai.request.presence_penalty`).
    pub presence_penalty: Option<f64>,
    /// What makes the answer repeatable (`gen_ai.request.seed`).
    pub seed: Option<i64>,
    /// What ends the answer (`gen_ai.request.stop_sequences`).
    pub stop_sequences: Vec<String>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $with:ident: $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(self, $name: $type) -> Self {
            Self { $name: Some($name), ..self }
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
        /// How freely it chooses its words.
        with_temperature: temperature: f64;
        /// From what share of the likeliest words.
        with_top_p: top_p: f64;
        /// The penalty of words that come often.
        with_frequency_penalty: frequency_penalty: f64;
        /// The penalty of words that came at all.
        with_presence_penalty: presence_penalty: f64;
        /// What makes the answer repeatable.
        with_seed: seed: i64;
    }

    /// The most tokens of the answer.
    #[must_use]
    pub fn with_max_tokens(self, max_tokens: impl TokenCount) -> Self {
        Self { max_tokens: max_tokens.tokens(), ..self }
    }

    /// Adds what ends the answer.
    #[must_use]
    pub fn with_stop_sequence(mut self, stop: impl Into<String>) -> Self {
        self.stop_sequences.push(stop.into());
        self
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = KeyValue> + use<> {
        let stops: Vec<StringValue> =
            self.stop_sequences.iter().map(|stop| stop.clone().into()).collect();
        let all = [
            (semconv::REQUEST_TEMPERATURE, self.temperature.map(Value::from)),
            (semconv::REQUEST_TOP_P, self.top_p.map(Value::from)),
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
}

fn integer(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
