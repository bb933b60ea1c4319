//! Usage of a session by model.

use std::borrow::Cow;

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    attribute::{cut, find_last},
    llm::{Usage, has_tokens},
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
    /// Tokens of the calls; a count that no call has is unknown. Serialised as `input_tokens`, `output_tokens`,
    /// `cached_tokens`, `cache_write_tokens` and `reasoning_tokens`, an unknown count as 0.
    #[serde(flatten, serialize_with = "token_counts")]
    pub usage: Usage,
    /// Cost in US dollars, as far as it is known; `None` if no call has a known price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl ModelTotals {
    fn add_tokens(&mut self, span: &SpanData) {
        self.usage.add(Usage::of(&span.attributes));
    }

    fn add_cost(&mut self, usd: f64) {
        self.cost_usd = Some(self.cost_usd.unwrap_or_default() + usd);
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.usage.add(other.usage);
        other.cost_usd.into_iter().for_each(|usd| self.add_cost(usd));
    }
}

fn token_counts<S: Serializer>(usage: &Usage, serializer: S) -> Result<S::Ok, S::Error> {
    let mut counts = serializer.serialize_struct("Usage", 5)?;
    counts.serialize_field("input_tokens", &usage.input.unwrap_or_default())?;
    counts.serialize_field("output_tokens", &usage.output.unwrap_or_default())?;
    counts.serialize_field("cached_tokens", &usage.cached.unwrap_or_default())?;
    counts.serialize_field("cache_write_tokens", &usage.cache_write.unwrap_or_default())?;
    counts.serialize_field("reasoning_tokens", &usage.reasoning.unwrap_or_default())?;
    counts.end()
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
