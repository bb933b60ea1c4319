//! One HTTP client for everything that leaves: it authorises, retries and counts.
//!
//! It stands behind opentelemetry-http's `HttpClient` and blocks: no async runtime is needed or disturbed.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::{
    Stop,
    auth::{Auth, AuthError},
};
use crate::config::OtlpTarget;

/// Answers to OTLP requests are small; more than this is not read.
const MAX_ANSWER: u64 = 4 << 20;
/// The first pause before a retry; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that the far side may ask for.
const LONGEST_WISH: Duration = Duration::from_secs(300);

/// The one way out.
#[derive(Debug)]
pub(crate) struct Transport {
    agent: ureq::Agent,
    headers: Vec<(HeaderName, HeaderValue)>,
    timeout: Duration,
    auth: Option<Auth>,
    stop: Arc<Stop>,
    on_delay: OnDelay,
    last_error: Mutex<Option<String>>,
    bytes_sent: AtomicU64,
}

/// Who hears why something has to be sent once more.
pub(crate) struct OnDelay(pub(crate) Box<dyn Fn(String) + Send + Sync>);

impl fmt::Debug for OnDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnDelay")
    }
}

/// What one attempt came to.
enum Attempt {
    Accepted(Response<Bytes>),
    /// Not now; the far side may have said when.
    Later {
        error: String,
        after: Option<Duration>,
    },
    /// Never.
    Refused(String),
}

impl Transport {
    pub(crate) fn new(target: &OtlpTarget, stop: Arc<Stop>, on_delay: OnDelay) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("agentops-rust/", env!("CARGO_PKG_VERSION")));
        Self {
            agent: config.build().new_agent(),
            headers: target.headers.clone(),
            timeout: target.timeout,
            auth: target.key.clone().map(Auth::new),
            stop,
            on_delay,
            last_error: Mutex::default(),
            bytes_sent: AtomicU64::new(0),
        }
    }

    /// Bytes of request bodies that were accepted.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// What the last request that failed for good failed of.
    pub(crate) fn take_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Sends until the far side accepts, refuses, or time runs out. While it waits the queue takes what comes.
    fn send(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, String> {
        let mut pause = FIRST_PAUSE;
        loop {
            let was_stopping = self.stop.is_set();
            if self.stop.remaining() == Some(Duration::ZERO) {
                return Err("time ran out before it could be sent".to_owned());
            }
            match self.attempt_authorised(request) {
                Attempt::Accepted(response) => {
                    self.bytes_sent.fetch_add(request.body().len() as u64, Ordering::Relaxed);
                    return Ok(response);
                }
                Attempt::Refused(error) => return Err(error),
                Attempt::Later { error, .. } if was_stopping => return Err(error),
                Attempt::Later { error, after } => {
                    (self.on_delay.0)(error);
                    self.stop.wait(after.unwrap_or_else(|| jittered(pause)).min(LONGEST_WISH));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// One attempt; a token that is refused is replaced once.
    fn attempt_authorised(&self, request: &Request<Bytes>) -> Attempt {
        let attempt = self.attempt(request);
        match (&self.auth, &attempt) {
            (Some(auth), Attempt::Accepted(response))
                if response.status() == StatusCode::UNAUTHORIZED =>
            {
                auth.forget();
                self.classify(self.attempt(request))
            }
            _ => self.classify(attempt),
        }
    }

    /// Any answer counts as accepted here; [`Self::classify`] looks at it.
    fn attempt(&self, request: &Request<Bytes>) -> Attempt {
        let timeout = self.stop.remaining().map_or(self.timeout, |left| self.timeout.min(left));
        let mut headers = self.headers_for(request);
        if let Some(auth) = &self.auth {
            match auth.bearer(&self.agent, timeout) {
                Ok(bearer) => _ = headers.insert(header::AUTHORIZATION, bearer),
                Err(AuthError::Rejected(error)) => return Attempt::Refused(error),
                Err(AuthError::Unavailable(error)) => return Attempt::Later { error, after: None },
            }
        }
        match self.exchange(request, headers, timeout) {
            Ok(response) => Attempt::Accepted(response),
            Err(error) => {
                let error = no_answer(&*error, timeout);
                Attempt::Later { error: format!("`{}` {error}", shown(request)), after: None }
            }
        }
    }

    /// Only what the exporter says of the body is taken over: the other headers are ours, so that nothing
    /// from the environment goes where it was not meant to.
    fn headers_for(&self, request: &Request<Bytes>) -> HeaderMap {
        let about_the_body = [header::CONTENT_TYPE, header::CONTENT_ENCODING];
        let kept = about_the_body.into_iter().filter_map(|name| {
            let value = request.headers().get(&name)?.clone();
            Some((name, value))
        });
        self.headers.iter().cloned().chain(kept).collect()
    }

    fn exchange(
        &self,
        request: &Request<Bytes>,
        headers: HeaderMap,
        timeout: Duration,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut outgoing = Request::post(request.uri()).body(request.body().to_vec())?;
        *outgoing.headers_mut() = headers;
        let outgoing = self.agent.configure_request(outgoing).timeout_global(Some(timeout)).build();
        let (parts, mut body) = self.agent.run(outgoing)?.into_parts();
        let body = body.with_config().limit(MAX_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }

    fn classify(&self, attempt: Attempt) -> Attempt {
        let Attempt::Accepted(response) = attempt else { return attempt };
        let status = response.status();
        let error = format!("the endpoint answered with status {status}");
        match status.as_u16() {
            200..300 => Attempt::Accepted(response),
            429 | 502 | 503 | 504 => {
                Attempt::Later { error, after: retry_after(response.headers()) }
            }
            300..400 => Attempt::Refused(format!("{error}; redirects are not followed")),
            _ => Attempt::Refused(error),
        }
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.send(&request).map_err(|error| {
            *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            error.into()
        })
    }
}

fn no_answer(error: &(dyn std::error::Error + Send + Sync + 'static), timeout: Duration) -> String {
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Timeout(_)) => format!("does not answer within {timeout:.1?}"),
        Some(ureq::Error::Io(error)) => format!("does not answer: {error}"),
        _ => format!("does not answer: {error}"),
    }
}

/// An endpoint as it may be shown: without user and password.
fn shown(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    format!("{scheme}://{host}{port}{}", uri.path())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Anything from nothing to the whole pause, so that many programs do not come back at once.
fn jittered(pause: Duration) -> Duration {
    let random = u32::from(RandomIdGenerator::default().new_span_id().to_bytes()[0]);
    pause * random / u32::from(u8::MAX)
}
