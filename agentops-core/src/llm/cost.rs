//! What a model call costs, by a table of prices.
//!
//! ```text
//! ended call ─▶ what it said itself ─else─▶ the program's table ─else─▶ the bundled one (feature `cost`)
//! ```
//!
//! The bundled table takes a moment to unpack, which happens on a thread of its own; calls that end before
//! that are priced by the delivery worker.

use std::{fmt, sync::Arc, time::SystemTime};

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;

use super::Usage;
use crate::{
    attribute::{find, find_last},
    guarded::guarded,
    semconv,
};

/// A program's own prices; see [`TracingConfigBuilder::prices`](crate::TracingConfigBuilder::prices).
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
    /// What a call costs, in US dollars; none if its model is not known here, which is not the same as
    /// nothing. A panic is caught, and what is no amount of money is ignored.
    fn cost(&self, call: &PricedCall<'_>) -> Option<f64>;
}

/// A model call to be priced.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PricedCall<'a> {
    /// Who serves the model, as in `gen_ai.provider.name`.
    pub provider: Option<&'a str>,
    /// The model that answered, or else the one that was asked.
    pub model: &'a str,
    /// The tokens.
    pub usage: Usage,
    /// When it ended: prices change.
    pub ended: SystemTime,
}

/// The tables that a core asks, in their order.
#[derive(Clone, Default)]
pub(crate) struct Prices {
    own: Option<Arc<dyn PriceTable>>,
}

impl Prices {
    pub(crate) fn of(own: impl PriceTable + 'static) -> Self {
        Self { own: Some(Arc::new(own)) }
    }

    /// What a call costs, if that can be told at once.
    pub(crate) fn at_once(&self, span: &SpanData) -> Option<f64> {
        self.ask(span, bundled::if_loaded)
    }

    /// The same with all the time that it takes.
    pub(crate) fn in_time(&self, span: &SpanData) -> Option<f64> {
        self.ask(span, bundled::load_and_ask)
    }

    fn ask(&self, span: &SpanData, bundled: fn(&PricedCall<'_>) -> Option<f64>) -> Option<f64> {
        if find(&span.attributes, semconv::COST_USD).is_some() {
            return None;
        }
        let models = [semconv::RESPONSE_MODEL, semconv::REQUEST_MODEL];
        models.into_iter().find_map(|model| {
            let call = call_of(span, model)?;
            let own = self.own.as_ref().and_then(|own| guarded(|| own.cost(&call)).flatten());
            own.or_else(|| bundled(&call)).filter(|usd| usd.is_finite() && *usd >= 0.0)
        })
    }
}

impl fmt::Debug for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prices").field("own", &self.own.is_some()).finish()
    }
}

/// Unpacks the bundled table, so that it is there when the first call ends.
pub(crate) fn load_prices() {
    bundled::load();
}

fn call_of<'a>(span: &'a SpanData, model: &str) -> Option<PricedCall<'a>> {
    let text = |key| match find(&span.attributes, key)? {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    };
    let count = |key| match find_last(&span.attributes, key)? {
        Value::I64(tokens) => u64::try_from(*tokens).ok(),
        _ => None,
    };
    let usage = Usage {
        input: count(semconv::INPUT_TOKENS),
        output: count(semconv::OUTPUT_TOKENS),
        cached: count(semconv::CACHE_READ_TOKENS),
        cache_write: count(semconv::CACHE_CREATION_TOKENS),
        reasoning: count(semconv::REASONING_TOKENS),
    };
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

    use super::PricedCall;

    static IS_LOADED: AtomicBool = AtomicBool::new(false);

    pub(super) fn load() {
        // Without a thread the first call that is delivered loads it.
        let _ = thread::Builder::new().name("agentops-prices".to_owned()).spawn(|| _ = table());
    }

    pub(super) fn if_loaded(call: &PricedCall<'_>) -> Option<f64> {
        IS_LOADED.load(Ordering::Acquire).then(|| load_and_ask(call)).flatten()
    }

    pub(super) fn load_and_ask(call: &PricedCall<'_>) -> Option<f64> {
        let usage = usage(call);
        let mut request = PriceRequest::new(call.model, &usage).with_timestamp(call.ended);
        let provider = call.provider.map(provider_id);
        if let Some(provider) = &provider {
            request = request.with_provider_id(provider);
        }
        // A model that is not known has no price, and that is no error.
        table().calculate(&request).ok().map(|price| price.total_price)
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

    /// OpenTelemetry's name of a provider as the table has it.
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
    use super::PricedCall;

    pub(super) fn load() {}

    pub(super) fn if_loaded(_: &PricedCall<'_>) -> Option<f64> {
        None
    }

    pub(super) fn load_and_ask(_: &PricedCall<'_>) -> Option<f64> {
        None
    }
}
