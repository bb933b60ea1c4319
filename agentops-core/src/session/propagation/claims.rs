//! What headers claim of the caller: whatever is not as the standards say is refused.

use std::{str::FromStr, sync::Arc};

use opentelemetry::{
    Context,
    baggage::KeyValueMetadata,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TraceState},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::{
    SAMPLED,
    baggage::{self, Member, Read},
};
use crate::semconv::{SESSION_ID, USER_ID};

/// Bytes that have to be passed on at the most, by the standard.
const MAX_TRACESTATE: usize = 512;
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
    /// False if something was malformed that says nothing of the session, and is left out.
    pub(super) is_whole: bool,
}

impl Claims {
    /// Reads the headers; none if there are none.
    pub(super) fn read(carrier: &dyn Extractor) -> Result<Option<Self>, Rejected> {
        let baggage = baggage::read(carrier.get("baggage").unwrap_or_default())?;
        let Some(parent) = carrier.get("traceparent") else {
            // Whose session it is says nothing without a place in it.
            let is_credible = baggage.is_whole && find(&baggage.members, SESSION_ID)?.is_none();
            return if is_credible { Ok(None) } else { Err(Rejected) };
        };
        check_parent(parent)?;
        let state = carrier.get("tracestate").unwrap_or_default();
        check_state(state)?;
        let place = TraceContextPropagator::new().extract_with_context(&Context::new(), carrier);
        let place = place.span().span_context().clone();
        if !place.is_valid() {
            return Err(Rejected);
        }
        Self::of(place, state, baggage).map(Some)
    }

    fn of(place: SpanContext, state: &str, baggage: Read) -> Result<Self, Rejected> {
        let Read { members, is_whole } = baggage;
        let session_id = id(&members, SESSION_ID)?;
        let user_id = id(&members, USER_ID)?;
        let said = find(&members, SAMPLED)?.map(|said| said == "1");
        let sampled = place.is_sampled() && said.unwrap_or(true);
        let has_state = is_read(state);
        let place = if has_state { place } else { without_state(&place) };
        let baggage = members.into_iter().map(Into::into).collect();
        let is_whole = is_whole && has_state;
        Ok(Self { place, baggage, session_id, user_id, sampled, is_whole })
    }
}

/// The value of a name. Whoever gives it two has two opinions, of which none is believed.
fn find<'a>(members: &'a [Member], name: &str) -> Result<Option<&'a str>, Rejected> {
    let mut values = members.iter().filter(|it| it.name == name).map(|it| it.value.as_str());
    let first = values.next();
    if values.all(|value| Some(value) == first) { Ok(first) } else { Err(Rejected) }
}

/// Returns `true` if the SDK reads a tracestate as it stands: it mends some, cuts others, and of others leaves nothing.
fn is_read(state: &str) -> bool {
    let members = state.split(',').map(|it| it.trim_matches([' ', '\t']));
    let members: Vec<_> = members.filter(|it| !it.is_empty()).collect();
    TraceState::from_str(state).is_ok_and(|read| read.header() == members.join(","))
}

fn without_state(place: &SpanContext) -> SpanContext {
    let (trace, span, flags) = (place.trace_id(), place.span_id(), place.trace_flags());
    SpanContext::new(trace, span, flags, place.is_remote(), TraceState::NONE)
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

/// The propagator passes it on as it is, and not every carrier refuses line breaks.
fn check_state(state: &str) -> Result<(), Rejected> {
    let is_printable = state.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    if is_printable && state.len() <= MAX_TRACESTATE { Ok(()) } else { Err(Rejected) }
}

/// An id of printable characters, not too long.
fn id(members: &[Member], name: &str) -> Result<Option<Arc<str>>, Rejected> {
    let Some(id) = find(members, name)? else { return Ok(None) };
    let is_blank = id.trim().is_empty();
    let is_name = !is_blank && id.len() <= MAX_ID && !id.chars().any(char::is_control);
    if is_name { Ok(Some(id.into())) } else { Err(Rejected) }
}
