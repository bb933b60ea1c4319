//! What headers claim of the caller: whatever is not as the standards say is refused.

use std::sync::Arc;

use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt, BaggageMetadata, KeyValueMetadata},
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use super::SAMPLED;
use crate::semconv::{SESSION_ID, USER_ID};

/// What the standards allow at most.
const MAX_TRACESTATE: usize = 512;
const MAX_BAGGAGE: usize = 8_192;
const MAX_BAGGAGE_ENTRIES: usize = 64;
/// Ids are names, not texts.
const MAX_ID: usize = 256;
/// What a later version may take; the one that there is takes 55.
const MAX_TRACEPARENT: usize = 256;

/// Headers that are not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rejected;

/// What a caller says of itself.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) place: SpanContext,
    pub(super) baggage: Vec<KeyValueMetadata>,
    pub(super) session_id: Option<Arc<str>>,
    pub(super) user_id: Option<Arc<str>>,
    pub(super) sampled: bool,
}

impl Claims {
    /// Reads the headers; none if there are none.
    pub(super) fn read(carrier: &dyn Extractor) -> Result<Option<Self>, Rejected> {
        let Some(parent) = carrier.get("traceparent") else {
            // Whose session it is says nothing without a place in it.
            return match carrier.get("baggage") {
                Some(baggage) if baggage.contains(SESSION_ID) => Err(Rejected),
                _ => Ok(None),
            };
        };
        check_parent(parent)?;
        within(carrier.get("tracestate"), MAX_TRACESTATE)?;
        printable(carrier.get("tracestate"))?;
        within(carrier.get("baggage"), MAX_BAGGAGE)?;
        if carrier.get("baggage").is_some_and(|it| it.split(',').count() > MAX_BAGGAGE_ENTRIES) {
            return Err(Rejected);
        }
        let place = TraceContextPropagator::new().extract_with_context(&Context::new(), carrier);
        let place = place.span().span_context().clone();
        if !place.is_valid() {
            return Err(Rejected);
        }
        let baggage = BaggagePropagator::new().extract_with_context(&Context::new(), carrier);
        Self::of(place, baggage.baggage()).map(Some)
    }

    fn of(place: SpanContext, baggage: &Baggage) -> Result<Self, Rejected> {
        let session_id = id(baggage, SESSION_ID)?;
        let user_id = id(baggage, USER_ID)?;
        let said = baggage.get(SAMPLED).map(|said| said.as_str() == "1");
        let sampled = place.is_sampled() && said.unwrap_or(true);
        Ok(Self { place, baggage: kept(baggage), session_id, user_id, sampled })
    }
}

fn kept(baggage: &Baggage) -> Vec<KeyValueMetadata> {
    let kept = entries(baggage).map(|(name, value, properties)| {
        KeyValueMetadata::new(name.to_owned(), value.to_owned(), properties)
    });
    kept.collect()
}

/// `version-trace-span-flags` in lower case digits; the one version that there is has nothing behind it, a
/// later one may say more.
fn check_parent(parent: &str) -> Result<(), Rejected> {
    let is_lower = parent.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let lengths: Vec<usize> = parent.split('-').map(str::len).collect();
    let has_form = match lengths.as_slice() {
        [2, 32, 16, 2] => true,
        [2, 32, 16, 2, ..] => !parent.starts_with("00") && parent.len() <= MAX_TRACEPARENT,
        _ => false,
    };
    if is_lower && has_form { Ok(()) } else { Err(Rejected) }
}

fn within(header: Option<&str>, most: usize) -> Result<(), Rejected> {
    if header.is_none_or(|header| header.len() <= most) { Ok(()) } else { Err(Rejected) }
}

/// The propagator passes it on as it is, and not every carrier refuses line breaks.
fn printable(header: Option<&str>) -> Result<(), Rejected> {
    let is_so = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    if header.is_none_or(|header| header.bytes().all(is_so)) { Ok(()) } else { Err(Rejected) }
}

/// An id of printable characters, not too long.
fn id(baggage: &Baggage, key: &str) -> Result<Option<Arc<str>>, Rejected> {
    let Some(id) = baggage.get(key) else { return Ok(None) };
    let id = id.as_str();
    let is_name = !id.is_empty() && id.len() <= MAX_ID && !id.chars().any(char::is_control);
    if is_name { Ok(Some(id.into())) } else { Err(Rejected) }
}

/// What a baggage holds: names, values, and properties, as far as those are as the standard says. The
/// propagator reads their escapes and writes none, so that anything could be smuggled in as one.
pub(super) fn entries(baggage: &Baggage) -> impl Iterator<Item = (&str, &str, BaggageMetadata)> {
    baggage.iter().map(|(key, (value, properties))| {
        let is_clean =
            properties.as_str().bytes().all(|it| matches!(it, b' '..=b'~') && it != b',');
        let properties = if is_clean { properties.clone() } else { BaggageMetadata::default() };
        (key.as_str(), value.as_str(), properties)
    })
}
