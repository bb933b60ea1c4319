//! Propagation of a session to and from other processes.
//!
//! ```text
//! inject: session ─▶ traceparent, tracestate, baggage ─▶ headers ─▶ claims ─trusted?─▶ extract: session
//! ```
//!
//! W3C Trace Context carries the trace and the parent span. W3C Baggage carries the session: `session.id`,
//! `user.id` and `agentops.sampled`.

mod baggage;
mod claims;
mod headers;
#[cfg(feature = "rmcp")]
mod meta;

use std::sync::Arc;

use opentelemetry::{
    Context,
    baggage::BaggageExt,
    propagation::{Injector, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TraceFlags, TraceState},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{IdGenerator, RandomIdGenerator},
};

pub use self::headers::{Headers, HeadersMut};
use self::{
    baggage::RejectedHeaders,
    claims::CallerClaims,
    headers::{ReceivedHeaders, RequestHeaders},
};
use super::{
    Details, Identity, InSession, SessionContext, SessionRegistry, SessionState, innermost_context,
};
use crate::{
    config::TrustRemote,
    process::thread_context,
    record::semconv::{SESSION_ID, USER_ID},
};

/// Baggage key of the sampling decision.
const SAMPLED: &str = "agentops.sampled";

/// Baggage keys that describe the session.
const CLAIMS: [&str; 3] = [SESSION_ID, USER_ID, SAMPLED];

/// Writes the current session and span into the headers of a request, so that the receiving agent can continue the
/// session. Outside of any session it writes nothing. The headers are an [`http::HeaderMap`], a
/// `HashMap<String, String>` or any other [`Injector`](crate::Injector); with the feature `rmcp` also the `_meta`
/// of a message of the Model Context Protocol, such as `params.meta_or_default()`.
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
    request_headers().into_iter().for_each(|sent| sent.write(headers));
}

/// Returns the headers for requests of the calling code, if it is in a session that has not ended.
fn request_headers() -> Option<RequestHeaders> {
    let context = thread_context::current();
    let InSession { session, .. } = context.get::<InSession>()?;
    if context.is_telemetry_suppressed() || session.has_ended() {
        return None;
    }
    let parent = innermost_context().span().span_context().clone();
    let context = context.with_remote_span_context(parent);
    let context = if session.is_sampled() { context.clone() } else { unsampled(&context) };
    let mut sent = RequestHeaders::default();
    TraceContextPropagator::new().inject_context(&context, &mut sent);
    sent.set("baggage", baggage_header(&context, session));
    Some(sent)
}

/// Adds a new unsampled trace to the context, since a session that is not recorded has no trace of its own.
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

/// Returns the `baggage` header: the claims about the session, then the context's other baggage.
fn baggage_header(context: &Context, session: &SessionState) -> String {
    let trace = context.span().span_context().trace_id();
    let id = session.known_id().map_or_else(|| trace.to_string(), ToString::to_string);
    let sampled = if session.is_sampled() { "1" } else { "0" };
    let details = session.details();
    let user = details.user_id().map(|user| (USER_ID, &**user));
    let claims = [Some((SESSION_ID, id.as_str())), Some((SAMPLED, sampled)), user];
    baggage::write(&claims.into_iter().flatten().collect::<Vec<_>>(), context.baggage())
}

/// Reads the headers of a request and returns the caller's session context. Code that runs in it continues the
/// caller's session; a `#[session]` starts a trace of its own, linked to the caller's. The headers are an
/// [`http::HeaderMap`], a `HashMap<String, String>` or any other [`Extractor`](crate::Extractor); with the feature
/// `rmcp` also the `_meta` of a message of the Model Context Protocol, such as `context.meta`.
///
/// Headers that are malformed, too long or not trusted (see [`TrustRemote`]) are ignored and counted in
/// [`Stats::rejected`](crate::Stats::rejected), once per call; the code then runs as if there were no headers. A
/// malformed part that does not describe the session, such as another program's baggage, is dropped alone and
/// counted, too.
///
/// # Trust
///
/// These headers are not signed. Any client that can reach the code that calls `extract` can pose as any user and
/// as any session, choose the trace that its spans belong to, and add baggage that [`inject`] propagates. It
/// cannot force the recording of what the program's sample rate excludes, unless the policy is
/// [`TrustRemote::Sampling`]. So:
///
/// - Call `extract`, or add the layer of `tower`, only where all callers are the program's own services.
/// - On an endpoint that is open to others, do not call it, or set [`TrustRemote::Never`], for the whole program
///   or for one
///   [`SessionLayer`](https://docs.rs/agentops/latest/agentops/tower/struct.SessionLayer.html#method.trust_remote):
///
/// ```
/// use agentops::{TracingConfig, TrustRemote};
///
/// let config = TracingConfig::builder().trust_remote(TrustRemote::Never).build()?;
/// # Ok::<_, agentops::ConfigError>(())
/// ```
///
/// # Example
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
    extract_trusting(None, headers)
}

/// Reads headers like [`extract`], with a trust policy for this endpoint instead of the program's.
pub(crate) fn extract_trusting<Via>(
    policy: Option<TrustRemote>,
    headers: &(impl Headers<Via> + ?Sized),
) -> SessionContext {
    let current = thread_context::current();
    let context = SessionRegistry::find().and_then(|registry| {
        let policy = policy.unwrap_or(registry.rules().trust_remote);
        continued(&current, &ReceivedHeaders::read(headers), policy, &registry)
    });
    SessionContext::of(context.unwrap_or(current))
}

fn continued(
    current: &Context,
    headers: &ReceivedHeaders<'_>,
    policy: TrustRemote,
    registry: &Arc<SessionRegistry>,
) -> Option<Context> {
    let claims = CallerClaims::read(headers);
    let is_never = policy == TrustRemote::Never;
    let is_believed = match &claims {
        Ok(None) => true,
        Ok(Some(claims)) => claims.is_whole && !is_never,
        Err(RejectedHeaders) => false,
    };
    if !is_believed {
        registry.counts().count_rejected();
    }
    let claims = claims.ok()?.filter(|_| !is_never)?;
    let remote =
        current.with_remote_span_context(claims.remote_parent.clone()).with_baggage(claims.baggage);
    let Some(id) = claims.session_id else { return Some(remote) };
    let sampled = claims.sampled
        && (policy == TrustRemote::Sampling
            || registry.rules().sampling.takes_trace(claims.remote_parent.trace_id()));
    let identity = Identity {
        name: "remote session".into(),
        session_id: Some(id),
        details: Details { user_id: claims.user_id, ..Details::default() },
        ..Identity::default()
    };
    let session = SessionState::new(Arc::clone(registry.core()), identity, sampled);
    session.set_root(&claims.remote_parent);
    Some(remote.with_value(InSession::new(Arc::new(session), Arc::clone(registry))))
}

#[cfg(test)]
mod tests;
