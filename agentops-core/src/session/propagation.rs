//! A session that is carried to another process, and from there.
//!
//! ```text
//! inject: session ─▶ traceparent, tracestate, baggage ─▶ headers ─▶ claims ─believed?─▶ extract: session
//! ```
//!
//! W3C Trace Context carries the place in the trace, W3C Baggage whose session it is: `session.id`,
//! `user.id` and `agentops.sampled`.

mod claims;
mod headers;
#[cfg(feature = "rmcp")]
mod meta;

use std::sync::Arc;

use opentelemetry::{
    Context, TraceId,
    baggage::{BaggageExt, BaggageMetadata, KeyValueMetadata},
    propagation::TextMapPropagator,
    trace::{SpanContext, TraceContextExt, TraceFlags, TraceState},
};
use opentelemetry_sdk::{
    propagation::{BaggagePropagator, TraceContextPropagator},
    trace::{IdGenerator, RandomIdGenerator},
};

pub use self::headers::{Headers, HeadersMut};
use self::{
    claims::{Claims, entries},
    headers::{Received, Sent},
};
use super::{
    Details, Identity, InSession, SessionContext, SessionRegistry, SessionState, innermost,
};
use crate::{
    config::TrustRemote,
    here,
    semconv::{SESSION_ID, USER_ID},
};

/// Whether the session is recorded, in the baggage.
const SAMPLED: &str = "agentops.sampled";

/// Writes into the headers of a request where the calling code is, so that the agent behind it can go on in
/// the same session. Outside of any session it writes nothing. The headers are an [`http::HeaderMap`], a
/// `HashMap<String, String>` or any other [`Injector`](crate::Injector); with the feature `rmcp` also the `_meta` of
/// a message of the Model Context Protocol, such as `params.meta_or_default()`.
///
/// ```
/// use std::collections::HashMap;
///
/// let mut headers = http::HeaderMap::new();
/// agentops::inject(&mut headers);
/// # assert!(headers.is_empty());
/// let mut headers = HashMap::<String, String>::new();
/// agentops::inject(&mut headers);
/// # assert!(headers.is_empty());
/// ```
pub fn inject<Via>(headers: &mut (impl HeadersMut<Via> + ?Sized)) {
    sent().into_iter().for_each(|sent| sent.write(headers));
}

/// What the calling code's requests say of where it is, if that is in a session.
fn sent() -> Option<Sent> {
    let context = here::current();
    let InSession { session, .. } = context.get::<InSession>()?;
    if context.is_telemetry_suppressed() || session.has_ended() {
        return None;
    }
    let place = innermost().span().span_context().clone();
    let context = context.with_remote_span_context(place);
    let context = if session.is_sampled() { context.clone() } else { unsampled(&context) };
    let mut sent = Sent::default();
    TraceContextPropagator::new().inject_context(&context, &mut sent);
    BaggagePropagator::new().inject_context(&with_claims(&context, session), &mut sent);
    Some(sent)
}

/// A session that is not recorded has no trace: it gets one that says so.
fn unsampled(context: &Context) -> Context {
    let ids = RandomIdGenerator::default();
    context.with_remote_span_context(SpanContext::new(
        ids.new_trace_id(),
        ids.new_span_id(),
        TraceFlags::default(),
        false,
        TraceState::default(),
    ))
}

fn with_claims(context: &Context, session: &SessionState) -> Context {
    let trace = context.span().span_context().trace_id();
    let id = session.known_id().map_or_else(|| trace.to_string(), ToString::to_string);
    let sampled = if session.is_sampled() { "1" } else { "0" };
    let known = session.known();
    let claims = [(SESSION_ID, Some(id.as_str())), (USER_ID, known.user_id().map(|it| &**it))];
    let claims = claims.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let claims = claims.chain([(SAMPLED, sampled)]);
    let claims = claims.map(|(name, value)| (name, value, BaggageMetadata::default()));
    let all = entries(context.baggage()).chain(claims).map(|(name, value, properties)| {
        KeyValueMetadata::new(escaped(name), escaped(value), properties)
    });
    context.with_baggage(all.collect::<Vec<_>>())
}

/// The propagator writes `%` as it stands, and whoever reads that takes it for an escape.
fn escaped(text: &str) -> String {
    text.replace('%', "%25")
}

/// Reads the headers of a request: where its caller is. What runs there goes on in the caller's session;
/// a `#[session]` has a trace of its own, linked to it. The headers are an [`http::HeaderMap`], a
/// `HashMap<String, String>` or any other [`Extractor`](crate::Extractor); with the feature `rmcp` also the `_meta`
/// of a message of the Model Context Protocol, such as `context.meta`.
///
/// Headers that are malformed, too long or not wanted (see [`TrustRemote`]) are ignored and counted in
/// [`Stats::rejected`](crate::Stats::rejected); what runs then is on its own, as without them.
///
/// ```
/// use http::HeaderMap;
///
/// #[agentops::agent]
/// fn answer(question: &str) -> String {
///     question.to_uppercase()
/// }
///
/// fn serve(headers: &HeaderMap, question: &str) -> String {
///     agentops::extract(headers).in_scope(|| answer(question))
/// }
/// # assert_eq!(serve(&HeaderMap::new(), "tea?"), "TEA?");
/// ```
#[must_use]
pub fn extract<Via>(headers: &(impl Headers<Via> + ?Sized)) -> SessionContext {
    let here = here::current();
    let registry = SessionRegistry::find();
    let context =
        registry.and_then(|registry| continued(&here, &Received::read(headers), &registry));
    SessionContext::of(context.unwrap_or(here))
}

fn continued(
    here: &Context,
    headers: &Received<'_>,
    registry: &Arc<SessionRegistry>,
) -> Option<Context> {
    let policy = registry.rules().trust_remote;
    let claims = match Claims::read(headers) {
        Ok(claims) => claims?,
        Err(_) => {
            registry.count_rejected();
            return None;
        }
    };
    if policy == TrustRemote::Never {
        registry.count_rejected();
        return None;
    }
    let there = here.with_remote_span_context(claims.place.clone()).with_baggage(claims.baggage);
    let Some(id) = claims.session_id else { return Some(there) };
    let sampled = claims.sampled
        && (policy == TrustRemote::Sampling
            || is_sampled(registry.rules().sample_rate, claims.place.trace_id()));
    let identity = Identity {
        name: "remote session".into(),
        session_id: Some(id),
        details: Details { user_id: claims.user_id, ..Details::default() },
        ..Identity::default()
    };
    let session = SessionState::new(Arc::clone(registry), identity, sampled);
    session.set_root(&claims.place);
    Some(there.with_value(InSession::new(Arc::new(session))))
}

/// Decided by the trace, so that all requests of one session are decided alike.
fn is_sampled(rate: f64, trace: TraceId) -> bool {
    let [_, _, _, _, _, _, _, _, low @ ..] = trace.to_bytes();
    // 53 bits: what an f64 holds.
    #[expect(clippy::cast_precision_loss, reason = "both numbers have at most 54 bits")]
    let fraction = (u64::from_be_bytes(low) >> 11) as f64 / (1_u64 << 53) as f64;
    rate >= 1.0 || fraction < rate
}
