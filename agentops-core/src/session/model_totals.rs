//! Usage of a session by model.

use std::borrow::Cow;

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use serde::Serialize;

use crate::{
    attribute::{cut, find_last},
    llm::has_tokens,
    process::Lock,
    record::semconv as key,
};

/// Most models that are counted separately; further ones count together as [`OTHERS`].
const MAX_MODELS: usize = 64;
const OTHERS: &str = "others";

/// Most bytes that are kept of a model's name.
const LONGEST_NAME: usize = 256;

/// Totals of the calls of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelTotals {
    /// Model that answered, or else the requested one.
    pub model: String,
    /// Number of ended calls.
    pub calls: u64,
    /// Input tokens, including cached ones.
    pub input_tokens: u64,
    /// Output tokens, including reasoning.
    pub output_tokens: u64,
    /// Input tokens that were read from the provider's cache.
    pub cached_tokens: u64,
    /// Input tokens that were written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Output tokens that were used for reasoning.
    pub reasoning_tokens: u64,
    /// Cost in US dollars, as far as it is known; `None` if no call has a known price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
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
                // Negative counts add nothing.
                *counter = counter.saturating_add(u64::try_from(*tokens).unwrap_or(0));
            }
        }
    }

    fn add_cost(&mut self, usd: f64) {
        self.cost_usd = Some(self.cost_usd.unwrap_or_default() + usd);
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.cache_write_tokens = self.cache_write_tokens.saturating_add(other.cache_write_tokens);
        self.reasoning_tokens = self.reasoning_tokens.saturating_add(other.reasoning_tokens);
        other.cost_usd.into_iter().for_each(|usd| self.add_cost(usd));
    }
}

/// Usage of all model calls of a session.
#[derive(Debug, Default)]
pub(super) struct Models(Lock<Used>);

#[derive(Debug, Default)]
struct Used {
    /// Models in the order of their first calls.
    models: Vec<ModelTotals>,
    /// Usage of calls whose model is unknown: part of the whole, but not listed as a model.
    nameless: ModelTotals,
    /// Number of calls that have tokens and no price.
    unpriced: u64,
}

impl Models {
    /// Adds a call, with its cost if it is known.
    pub(super) fn add_call(&self, span: &SpanData, usd: Option<f64>) {
        let mut used = self.0.lock();
        used.unpriced += u64::from(usd.is_none() && has_tokens(span));
        let model = used.of(span);
        model.calls += 1;
        model.add_tokens(span);
        usd.into_iter().for_each(|usd| model.add_cost(usd));
    }

    /// Adds the tokens of a call that was counted before, and moves the call to its model if that was unknown.
    pub(super) fn add_tokens(&self, span: &SpanData, knew_model: bool) {
        let mut used = self.0.lock();
        used.unpriced += u64::from(has_tokens(span));
        if !knew_model && model_of(span).is_some() {
            used.nameless.calls = used.nameless.calls.saturating_sub(1);
            used.of(span).calls += 1;
        }
        used.of(span).add_tokens(span);
    }

    /// Adds the cost of a call that was counted without one.
    pub(super) fn add_cost(&self, span: &SpanData, usd: f64) {
        let mut used = self.0.lock();
        used.unpriced = used.unpriced.saturating_sub(1);
        used.of(span).add_cost(usd);
    }

    /// Returns the number of calls that have tokens and no price.
    pub(super) fn unpriced(&self) -> u64 {
        self.0.lock().unpriced
    }

    /// Returns the models, and the totals of all calls.
    pub(super) fn all(&self) -> (Vec<ModelTotals>, ModelTotals) {
        let used = self.0.lock();
        let mut models = used.models.clone();
        let mut whole = used.nameless.clone();
        drop(used);
        models.iter().for_each(|model| whole.add(model));
        models.iter_mut().for_each(|model| model.cost_usd = model.cost_usd.map(rounded));
        (models, whole)
    }
}

impl Used {
    /// Returns the totals that a call is added to.
    fn of(&mut self, span: &SpanData) -> &mut ModelTotals {
        let Some(name) = model_of(span) else { return &mut self.nameless };
        let models = &mut self.models;
        let known = models.iter().position(|known| known.model == name);
        let is_full = models.len() >= MAX_MODELS;
        let index = known.or_else(|| is_full.then(|| models.len() - 1)).unwrap_or_else(|| {
            let model = if models.len() + 1 == MAX_MODELS { OTHERS.into() } else { name };
            models.push(ModelTotals { model: model.into_owned(), ..ModelTotals::default() });
            models.len() - 1
        });
        &mut models[index]
    }
}

/// Returns the model that answered, or else the requested one.
pub(crate) fn model_of(span: &SpanData) -> Option<Cow<'_, str>> {
    let names = [key::RESPONSE_MODEL, key::REQUEST_MODEL];
    let name =
        names.iter().find_map(|name| find_last(&span.attributes, name)).map(Value::as_str)?;
    Some(if name.len() > LONGEST_NAME { cut(&name, LONGEST_NAME).into() } else { name })
}

/// Rounds to billionths of a dollar, which removes the noise of floating-point sums.
pub(super) fn rounded(usd: f64) -> f64 {
    (usd * 1e9).round() / 1e9
}
