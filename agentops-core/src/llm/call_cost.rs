//! Cost of a model call, computed from price tables.
//!
//! ```text
//! ended call ─▶ cost it records itself ─else─▶ the program's table ─else─▶ the bundled table (feature `cost`)
//! ```
//!
//! Unpacking the bundled table takes some time and happens on a separate thread. Calls that end before it is
//! unpacked are priced by the delivery worker.

use std::{fmt, sync::Arc, time::SystemTime};

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::{Usage, usage::has_tokens};
use crate::{
    attribute::{find, find_last},
    process::{FirstTime, catch_user_panic, presentable::name},
    record::semconv,
};

/// Price table supplied by the program; see [`TracingConfigBuilder::prices`](crate::TracingConfigBuilder::prices).
///
/// ```
/// use agentops::{PriceTable, PricedCall, TracingConfig};
///
/// /// One price for all models: a dollar per million tokens.
/// struct Flat;
///
/// impl PriceTable for Flat {
///     fn cost(&self, call: &PricedCall<'_>) -> Option<f64> {
///         let tokens = call.usage.input? + call.usage.output?;
///         Some(tokens as f64 / 1e6)
///     }
/// }
///
/// let config = TracingConfig::builder().prices(Flat);
/// # drop(config);
/// ```
pub trait PriceTable: Send + Sync {
    /// Returns the cost of a call in US dollars, or `None` if its model is not in this table (a free call is
    /// `Some(0.0)`). A panic is caught; a negative or non-finite amount is ignored.
    fn cost(&self, call: &PricedCall<'_>) -> Option<f64>;
}

/// Model call to be priced.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PricedCall<'a> {
    /// Provider of the model (`gen_ai.provider.name`).
    pub provider: Option<&'a str>,
    /// Model that answered, or else the requested model.
    pub model: &'a str,
    /// Token usage of the call.
    pub usage: Usage,
    /// End time of the call, since prices change over time.
    pub ended: SystemTime,
}

/// Cost of a call, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    pub(crate) usd: f64,
    /// Input cost and output cost, if the table distinguishes them.
    parts: Option<[f64; 2]>,
}

impl Cost {
    /// Creates a cost from a table that gives only the total.
    fn whole(usd: f64) -> Self {
        Self { usd, parts: None }
    }

    fn is_amount(&self) -> bool {
        let is_amount = |usd: &f64| usd.is_finite() && *usd >= 0.0;
        is_amount(&self.usd) && self.parts.iter().flatten().all(is_amount)
    }

    /// Returns the cost attributes to record.
    pub(crate) fn attributes(self) -> impl Iterator<Item = KeyValue> {
        let names = [semconv::INPUT_COST_USD, semconv::OUTPUT_COST_USD];
        let parts = self.parts.map(|parts| names.into_iter().zip(parts)).into_iter().flatten();
        [(semconv::COST_USD, self.usd)]
            .into_iter()
            .chain(parts)
            .map(|(name, usd)| KeyValue::new(name, usd))
    }
}

/// Result of pricing a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Price {
    /// Cost of the call.
    Known(Cost),
    /// The call has tokens, but no table has a price for them.
    Unknown,
    /// The call records its own cost, has no tokens, or the bundled table is not loaded yet.
    Open,
}

/// Price tables of a core, in lookup order.
#[derive(Clone, Default)]
pub(crate) struct Prices {
    own: Option<Arc<dyn PriceTable>>,
}

impl Prices {
    pub(crate) fn of(own: impl PriceTable + 'static) -> Self {
        Self { own: Some(Arc::new(own)) }
    }

    /// Prices a call without waiting for the bundled table: [`Price::Open`] if that table is not loaded yet and
    /// would be needed.
    pub(crate) fn at_once(&self, span: &SpanData) -> Price {
        if bundled::is_loaded() {
            return self.in_time(span);
        }
        match self.ask(span, |_| None) {
            Price::Unknown => Price::Open,
            known => known,
        }
    }

    /// Prices a call, waiting for the bundled table to load if needed.
    pub(crate) fn in_time(&self, span: &SpanData) -> Price {
        self.ask(span, bundled::load_and_ask)
    }

    fn ask(&self, span: &SpanData, bundled: fn(&PricedCall<'_>) -> Option<Cost>) -> Price {
        if find(&span.attributes, semconv::COST_USD).is_some() {
            return Price::Open;
        }
        let cost = MODELS.into_iter().find_map(|model| {
            let call = call_of(span, model)?;
            let own =
                self.own.as_ref().and_then(|own| catch_user_panic(|| own.cost(&call)).flatten());
            own.map(Cost::whole).or_else(|| bundled(&call)).filter(Cost::is_amount)
        });
        match cost {
            Some(cost) => Price::Known(cost),
            None if has_tokens(span) => Price::Unknown,
            None => Price::Open,
        }
    }

    /// Returns the reason why a call has no price.
    pub(crate) fn why_unknown(&self, call: &[KeyValue]) -> NoPrice {
        let named = MODELS.iter().find_map(|name| find_last(call, name));
        match named.map(|model| model.as_str().into_owned()) {
            None => NoPrice::NoModel,
            Some(model) if self.own.is_none() && !cfg!(feature = "cost") => NoPrice::NoTable(model),
            Some(model) => NoPrice::UnknownModel(model),
        }
    }
}

/// Attributes that name the model of a call, the more exact one first.
const MODELS: [&str; 2] = [semconv::RESPONSE_MODEL, semconv::REQUEST_MODEL];

/// Reason why a call has no price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPrice {
    /// No price table is configured; contains the model.
    NoTable(String),
    /// No table has the model; contains the model.
    UnknownModel(String),
    /// The call names no model.
    NoModel,
}

impl NoPrice {
    /// Returns `true` the first time a reason of this kind is reported in the process.
    pub(crate) fn claim_warning(&self) -> bool {
        static WARNINGS: [FirstTime; 3] = [const { FirstTime::new() }; 3];
        let index = match self {
            Self::NoTable(_) => 0,
            Self::UnknownModel(_) => 1,
            Self::NoModel => 2,
        };
        WARNINGS[index].claim()
    }
}

impl fmt::Display for NoPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTable(model) => write!(
                f,
                "a call of `{}` has no price, since there is no table of prices; enable the \
                 feature `cost` of agentops, or give a table by `TracingConfig::builder().prices(..)`",
                name(model)
            ),
            Self::UnknownModel(model) => write!(
                f,
                "a call of `{}` has no price, since no table has this model; give its price by \
                 `TracingConfig::builder().prices(..)`, or record `agentops.usage.cost_usd` in the call",
                name(model)
            ),
            Self::NoModel => f.write_str(
                "a call has no price, since it does not say which model it is of; give `#[llm(model = ..)]`, \
                 or record `agentops.usage.cost_usd` in the call",
            ),
        }
    }
}

impl fmt::Debug for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prices").field("own", &self.own.is_some()).finish()
    }
}

/// Unpacks the bundled table in advance, so that it is ready when the first call ends.
pub(crate) fn load_prices() {
    bundled::load();
}

fn call_of<'a>(span: &'a SpanData, model: &str) -> Option<PricedCall<'a>> {
    let text = |key| match find(&span.attributes, key)? {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    };
    let usage = Usage::of(&span.attributes);
    let model = text(model)?;
    (usage != Usage::default()).then_some(PricedCall {
        provider: text(semconv::PROVIDER_NAME),
        model,
        usage,
        ended: span.end_time,
    })
}

#[cfg(feature = "cost")]
mod bundled {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};

    use super::{Cost, PricedCall};

    static IS_LOADED: AtomicBool = AtomicBool::new(false);

    pub(super) fn load() {
        // If the thread cannot be spawned, the delivery worker loads the table for the first call.
        let _ = thread::Builder::new().name("agentops-prices".to_owned()).spawn(|| _ = table());
    }

    pub(super) fn is_loaded() -> bool {
        IS_LOADED.load(Ordering::Acquire)
    }

    pub(super) fn load_and_ask(call: &PricedCall<'_>) -> Option<Cost> {
        let provider = call.provider.map(provider_id);
        // Clients report many OpenAI-compatible servers as `openai`, so the lookup is repeated without a provider.
        price(call, provider)
            .or_else(|| provider.filter(|name| *name == "openai").and_then(|_| price(call, None)))
    }

    fn price(call: &PricedCall<'_>, provider: Option<&str>) -> Option<Cost> {
        let usage = usage(call);
        let mut request = PriceRequest::new(call.model, &usage).with_timestamp(call.ended);
        if let Some(provider) = provider {
            request = request.with_provider_id(provider);
        }
        // An unknown model has no price; that is not an error.
        let price = table().calculate(&request).ok()?;
        let parts = Some([price.input_price, price.output_price]);
        Some(Cost { usd: price.total_price, parts })
    }

    fn table() -> &'static Calculator {
        let table = Calculator::bundled();
        IS_LOADED.store(true, Ordering::Release);
        table
    }

    fn usage(call: &PricedCall<'_>) -> Usage {
        let counts = [
            (UsageKey::INPUT_TOKENS, call.usage.input),
            (UsageKey::OUTPUT_TOKENS, call.usage.output),
            (UsageKey::CACHE_READ_TOKENS, call.usage.cached),
            (UsageKey::CACHE_WRITE_TOKENS, call.usage.cache_write),
        ];
        #[expect(clippy::cast_precision_loss, reason = "nobody uses that many tokens")]
        let known = counts.into_iter().filter_map(|(key, count)| Some((key, count? as f64)));
        known.collect()
    }

    /// Converts OpenTelemetry's name of a provider to the table's id.
    fn provider_id(provider: &str) -> &str {
        match provider {
            "aws.bedrock" => "aws",
            "mistral_ai" => "mistral",
            "x_ai" => "x-ai",
            google if google.starts_with("gcp.") => "google",
            azure if azure.starts_with("azure.") => "azure",
            other => other,
        }
    }
}

#[cfg(not(feature = "cost"))]
mod bundled {
    use super::{Cost, PricedCall};

    pub(super) fn load() {}

    /// Returns `true`: without a bundled table there is nothing to load.
    pub(super) fn is_loaded() -> bool {
        true
    }

    pub(super) fn load_and_ask(_: &PricedCall<'_>) -> Option<Cost> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl PriceTable for Nothing {
        fn cost(&self, _: &PricedCall<'_>) -> Option<f64> {
            None
        }
    }

    #[test]
    fn missing_price_names_model_and_reason() {
        let asked = [KeyValue::new(semconv::REQUEST_MODEL, "mystery-1")];
        let model = || "mystery-1".to_owned();
        let without_own = if cfg!(feature = "cost") {
            NoPrice::UnknownModel(model())
        } else {
            NoPrice::NoTable(model())
        };
        assert_eq!(Prices::default().why_unknown(&asked), without_own);
        assert_eq!(Prices::of(Nothing).why_unknown(&asked), NoPrice::UnknownModel(model()));
        assert_eq!(Prices::default().why_unknown(&[]), NoPrice::NoModel);
        assert_eq!(
            NoPrice::NoTable(model()).to_string(),
            "a call of `mystery-1` has no price, since there is no table of prices; enable the \
             feature `cost` of agentops, or give a table by `TracingConfig::builder().prices(..)`"
        );
    }
}
