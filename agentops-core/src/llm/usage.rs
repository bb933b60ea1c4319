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

/// Token usage of a model call. Unknown counts are not recorded.
///
/// ```
/// use agentops::Usage;
///
/// let usage = Usage::new(1_200, 80).with_cached(1_024).with_reasoning(32);
/// assert_eq!(usage.input, Some(1_200));
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
    /// Creates a usage from the numbers of input and output tokens.
    #[must_use]
    pub fn new(input: impl TokenCount, output: impl TokenCount) -> Self {
        Self { input: input.tokens(), output: output.tokens(), ..Self::default() }
    }

    /// Sets the number of input tokens read from the provider's cache.
    #[must_use]
    pub fn with_cached(self, tokens: impl TokenCount) -> Self {
        Self { cached: tokens.tokens(), ..self }
    }

    /// Sets the number of input tokens written to the provider's cache.
    #[must_use]
    pub fn with_cache_write(self, tokens: impl TokenCount) -> Self {
        Self { cache_write: tokens.tokens(), ..self }
    }

    /// Sets the number of output tokens used for reasoning.
    #[must_use]
    pub fn with_reasoning(self, tokens: impl TokenCount) -> Self {
        Self { reasoning: tokens.tokens(), ..self }
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
