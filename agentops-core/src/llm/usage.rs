//! Token usage of a model call.

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::TokenCount;
use crate::{
    attribute::{find_last, saturating_i64},
    record::semconv,
};

/// Returns `true` if a call used tokens, and so may have a cost.
pub(crate) fn has_tokens(span: &SpanData) -> bool {
    let used = |name| matches!(find_last(&span.attributes, name), Some(Value::I64(1..)));
    used(semconv::INPUT_TOKENS) || used(semconv::OUTPUT_TOKENS)
}

/// Tokens of a model call, or of several together. Unknown counts are not recorded.
///
/// ```
/// use agentops::Usage;
///
/// let usage = Usage::new().input(1_200).output(80).cached(1_024).reasoning(32);
/// assert_eq!((usage.input, usage.total()), (Some(1_200), 1_280));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Input tokens, including those read from the cache (`gen_ai.usage.input_tokens`).
    pub input: Option<u64>,
    /// Output tokens, including those of reasoning (`gen_ai.usage.output_tokens`).
    pub output: Option<u64>,
    /// Input tokens read from the provider's cache (`gen_ai.usage.cache_read.input_tokens`).
    pub cached: Option<u64>,
    /// Input tokens written to the provider's cache (`gen_ai.usage.cache_creation.input_tokens`).
    pub cache_write: Option<u64>,
    /// Output tokens used for reasoning (`gen_ai.usage.reasoning.output_tokens`).
    pub reasoning: Option<u64>,
}

impl Usage {
    /// Creates a usage without known counts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of input tokens, including those read from the cache.
    #[must_use]
    pub fn input(self, tokens: impl TokenCount) -> Self {
        Self { input: tokens.tokens(), ..self }
    }

    /// Sets the number of output tokens, including those of reasoning.
    #[must_use]
    pub fn output(self, tokens: impl TokenCount) -> Self {
        Self { output: tokens.tokens(), ..self }
    }

    /// Sets the number of input tokens read from the provider's cache.
    #[must_use]
    pub fn cached(self, tokens: impl TokenCount) -> Self {
        Self { cached: tokens.tokens(), ..self }
    }

    /// Sets the number of input tokens written to the provider's cache.
    #[must_use]
    pub fn cache_write(self, tokens: impl TokenCount) -> Self {
        Self { cache_write: tokens.tokens(), ..self }
    }

    /// Sets the number of output tokens used for reasoning.
    #[must_use]
    pub fn reasoning(self, tokens: impl TokenCount) -> Self {
        Self { reasoning: tokens.tokens(), ..self }
    }

    /// Returns the input and output tokens together; an unknown count adds nothing.
    #[must_use]
    pub fn total(self) -> u64 {
        self.input.unwrap_or_default().saturating_add(self.output.unwrap_or_default())
    }

    /// Reads the usage that a span records. Negative counts are unknown.
    pub(crate) fn of(attributes: &[KeyValue]) -> Self {
        let count = |key| match find_last(attributes, key)? {
            Value::I64(tokens) => u64::try_from(*tokens).ok(),
            _ => None,
        };
        Self {
            input: count(semconv::INPUT_TOKENS),
            output: count(semconv::OUTPUT_TOKENS),
            cached: count(semconv::CACHE_READ_TOKENS),
            cache_write: count(semconv::CACHE_CREATION_TOKENS),
            reasoning: count(semconv::REASONING_TOKENS),
        }
    }

    /// Adds the tokens of another call; a count that only one of them knows stays as it is.
    pub(crate) fn add(&mut self, other: Self) {
        let counts = [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cached, other.cached),
            (&mut self.cache_write, other.cache_write),
            (&mut self.reasoning, other.reasoning),
        ];
        for (sum, tokens) in counts {
            if let Some(tokens) = tokens {
                *sum = Some(sum.unwrap_or_default().saturating_add(tokens));
            }
        }
    }

    /// Merges with the usage of an earlier part of the same answer; a known count replaces the earlier one.
    pub(super) fn or(self, earlier: Self) -> Self {
        Self {
            input: self.input.or(earlier.input),
            output: self.output.or(earlier.output),
            cached: self.cached.or(earlier.cached),
            cache_write: self.cache_write.or(earlier.cache_write),
            reasoning: self.reasoning.or(earlier.reasoning),
        }
    }

    pub(crate) fn attributes(self) -> impl Iterator<Item = KeyValue> {
        let all = [
            (semconv::INPUT_TOKENS, self.input),
            (semconv::OUTPUT_TOKENS, self.output),
            (semconv::CACHE_READ_TOKENS, self.cached),
            (semconv::CACHE_CREATION_TOKENS, self.cache_write),
            (semconv::REASONING_TOKENS, self.reasoning),
        ];
        all.into_iter()
            .filter_map(|(key, tokens)| Some(KeyValue::new(key, saturating_i64(tokens?))))
    }
}
