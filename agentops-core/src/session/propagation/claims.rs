//! Claims of a request's headers about its caller. Headers that violate the standards are rejected.

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
    baggage::{self, Member, ParsedBaggage, RejectedHeaders},
};
use crate::record::semconv::{SESSION_ID, USER_ID};

/// Longest `tracestate` in bytes: as much as the standard requires to be propagated.
const MAX_TRACESTATE: usize = 512;
/// Longest id in bytes.
const MAX_ID: usize = 256;
/// Longest `traceparent` of a later version, in bytes; version 00 has 55.
const MAX_TRACEPARENT: usize = 256;

/// Claims of a caller about itself.
#[derive(Debug)]
pub(super) struct CallerClaims {
    pub(super) remote_parent: SpanContext,
    pub(super) baggage: Vec<KeyValueMetadata>,
    pub(super) session_id: Option<Arc<str>>,
    pub(super) user_id: Option<Arc<str>>,
    pub(super) sampled: bool,
    /// `false` if a malformed part that does not describe the session was dropped.
    pub(super) is_whole: bool,
}

impl CallerClaims {
    /// Reads the headers; `Ok(None)` if they contain no parent.
    pub(super) fn read(carrier: &dyn Extractor) -> Result<Option<Self>, RejectedHeaders> {
        let baggage = baggage::read(carrier.get("baggage").unwrap_or_default())?;
        let Some(parent) = carrier.get("traceparent") else {
            // A session id without a parent span is not credible.
            let is_credible = baggage.is_whole && find(&baggage.members, SESSION_ID)?.is_none();
            return if is_credible { Ok(None) } else { Err(RejectedHeaders) };
        };
        check_parent(parent)?;
        let state = carrier.get("tracestate").unwrap_or_default();
        check_state(state)?;
        let parent_span =
            TraceContextPropagator::new().extract_with_context(&Context::new(), carrier);
        let parent_span = parent_span.span().span_context().clone();
        if !parent_span.is_valid() {
            return Err(RejectedHeaders);
        }
        Self::of(parent_span, state, baggage).map(Some)
    }

    fn of(
        parent_span: SpanContext,
        state: &str,
        baggage: ParsedBaggage,
    ) -> Result<Self, RejectedHeaders> {
        let ParsedBaggage { members, is_whole } = baggage;
        let session_id = id(&members, SESSION_ID)?;
        let user_id = id(&members, USER_ID)?;
        let claimed = find(&members, SAMPLED)?.map(|claimed| claimed == "1");
        let sampled = parent_span.is_sampled() && claimed.unwrap_or(true);
        let has_state = is_kept_by_sdk(state);
        let parent_span = if has_state { parent_span } else { without_state(&parent_span) };
        let baggage = members.into_iter().map(Into::into).collect();
        let is_whole = is_whole && has_state;
        Ok(Self { remote_parent: parent_span, baggage, session_id, user_id, sampled, is_whole })
    }
}

/// Returns the value of a name. Different values of the same name are rejected, since either could be the false
/// one.
fn find<'a>(members: &'a [Member], name: &str) -> Result<Option<&'a str>, RejectedHeaders> {
    let mut values =
        members.iter().filter(|member| member.name == name).map(|member| member.value.as_str());
    let first = values.next();
    if values.all(|value| Some(value) == first) { Ok(first) } else { Err(RejectedHeaders) }
}

/// Returns `true` if the SDK keeps a `tracestate` unchanged. It repairs some, truncates others and discards the
/// rest.
fn is_kept_by_sdk(state: &str) -> bool {
    let members = state.split(',').map(|member| member.trim_matches([' ', '\t']));
    let members: Vec<_> = members.filter(|member| !member.is_empty()).collect();
    TraceState::from_str(state).is_ok_and(|read| read.header() == members.join(","))
}

fn without_state(parent_span: &SpanContext) -> SpanContext {
    let (trace, span, flags) =
        (parent_span.trace_id(), parent_span.span_id(), parent_span.trace_flags());
    SpanContext::new(trace, span, flags, parent_span.is_remote(), TraceState::NONE)
}

/// Checks that a `traceparent` has the form `version-trace-span-flags` in lower-case digits. Version 00 ends there; a later version may
/// append fields.
fn check_parent(parent: &str) -> Result<(), RejectedHeaders> {
    let is_lower = parent.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let lengths: Vec<usize> = parent.split('-').map(str::len).collect();
    let has_form = match lengths.as_slice() {
        [2, 32, 16, 2] => true,
        [2, 32, 16, 2, ..] => !parent.starts_with("00") && parent.len() <= MAX_TRACEPARENT,
        _ => false,
    };
    if is_lower && has_form { Ok(()) } else { Err(RejectedHeaders) }
}

/// Checks the length and characters of a `tracestate`. The propagator passes the value on unchanged, and some carriers accept line
/// breaks.
fn check_state(state: &str) -> Result<(), RejectedHeaders> {
    let is_printable = state.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    if is_printable && state.len() <= MAX_TRACESTATE { Ok(()) } else { Err(RejectedHeaders) }
}

/// Returns an id of printable characters within [`MAX_ID`]; rejects any other.
fn id(members: &[Member], name: &str) -> Result<Option<Arc<str>>, RejectedHeaders> {
    let Some(id) = find(members, name)? else { return Ok(None) };
    let is_blank = id.trim().is_empty();
    let is_name = !is_blank && id.len() <= MAX_ID && !id.chars().any(char::is_control);
    if is_name { Ok(Some(id.into())) } else { Err(RejectedHeaders) }
}
