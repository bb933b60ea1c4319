//! What each model of a session was used.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use serde::Serialize;

use crate::{attribute::find_last, semconv as key};

/// More models than this count together, under the name [`OTHERS`].
const MAX_MODELS: usize = 64;
const OTHERS: &str = "others";

/// What the calls of one model add up to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelTotals {
    /// The model that answered, or else the one that was asked.
    pub model: String,
    /// How many of its calls have ended.
    pub calls: u64,
    /// The tokens that went in, those of the cache included.
    pub input_tokens: u64,
    /// The tokens that came out, those of reasoning included.
    pub output_tokens: u64,
    /// Of the input, what was read from the provider's cache.
    pub cached_tokens: u64,
    /// Of the input, what was written to it.
    pub cache_write_tokens: u64,
    /// Of the output, what went into reasoning.
    pub reasoning_tokens: u64,
    /// What the calls cost in US dollars, as far as that is known.
    pub cost_usd: f64,
}

impl ModelTotals {
    fn add_tokens(&mut self, span: &SpanData) {
        let counters = [
            (key::INPUT_TOKENS, &mut self.input_tokens),
            (key::OUTPUT_TOKENS, &mut self.output_tokens),
            (key::CACHE_READ_TOKENS, &mut self.cached_tokens),
            (key::CACHE_CREATION_TOKENS, &mut self.cache_write_tokens),
            (key::REASONING_TOKENS, &mut self.reasoning_tokens),
        ];
        for (key, counter) in counters {
            if let Some(Value::I64(tokens)) = find_last(&span.attributes, key) {
                // Less than nothing adds nothing.
                *counter = counter.saturating_add(u64::try_from(*tokens).unwrap_or(0));
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.cache_write_tokens = self.cache_write_tokens.saturating_add(other.cache_write_tokens);
        self.reasoning_tokens = self.reasoning_tokens.saturating_add(other.reasoning_tokens);
        self.cost_usd += other.cost_usd;
    }
}

/// The models of a session, in the order in which they were first called.
#[derive(Debug, Default)]
pub(super) struct Models(Mutex<Vec<ModelTotals>>);

impl Models {
    pub(super) fn add_call(&self, span: &SpanData) {
        self.with(span, |model| {
            model.calls += 1;
            model.add_tokens(span);
        });
    }

    /// Of a call that was counted before.
    pub(super) fn add_tokens(&self, span: &SpanData) {
        self.with(span, |model| model.add_tokens(span));
    }

    pub(super) fn add_cost(&self, span: &SpanData, usd: f64) {
        self.with(span, |model| model.cost_usd += usd);
    }

    pub(super) fn all(&self) -> Vec<ModelTotals> {
        let mut models = self.lock().clone();
        models.iter_mut().for_each(|model| model.cost_usd = rounded(model.cost_usd));
        models
    }

    fn with(&self, span: &SpanData, change: impl FnOnce(&mut ModelTotals)) {
        let name = [key::RESPONSE_MODEL, key::REQUEST_MODEL];
        let name = name.iter().find_map(|key| find_last(&span.attributes, key));
        let name = name.map_or_else(|| "unknown".into(), Value::as_str);
        let mut models = self.lock();
        let known = models.iter().position(|known| known.model == name);
        let is_full = models.len() >= MAX_MODELS;
        let place = known.or_else(|| is_full.then(|| models.len() - 1)).unwrap_or_else(|| {
            let model = if models.len() + 1 == MAX_MODELS { OTHERS.into() } else { name };
            models.push(ModelTotals { model: model.into_owned(), ..ModelTotals::default() });
            models.len() - 1
        });
        change(&mut models[place]);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ModelTotals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// To billionths of a dollar: sums of prices have no tail of digits.
pub(super) fn rounded(usd: f64) -> f64 {
    (usd * 1e9).round() / 1e9
}

/// All of them together.
pub(super) fn sum(models: &[ModelTotals]) -> ModelTotals {
    models.iter().fold(ModelTotals::default(), |mut sum, model| {
        sum.add(model);
        sum
    })
}
