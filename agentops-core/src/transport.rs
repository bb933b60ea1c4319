//! HTTP client for all exports: authorises, retries and counts.
//!
//! It blocks, so it needs no async runtime and disturbs none.

mod address_remedies;
mod backoff;
mod http_client;
mod key_auth;
mod outbox;
mod pending_request;
mod response_outcome;
mod secret_pattern;
mod secrets;
mod shutdown_signal;
mod spool;
mod spool_sender;
#[cfg(test)]
mod tests;

#[cfg(fuzzing)]
pub(crate) use self::spool::fuzz_segment;
pub(crate) use self::{
    outbox::Outbox,
    shutdown_signal::ShutdownSignal,
    spool::{Label, PROTOBUF, Segment, Spool},
    spool_sender::{SegmentChoice, SpoolSender},
};

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use opentelemetry_http::Bytes;

use self::{
    backoff::{Backoff, LastAttempts},
    http_client::Client,
    key_auth::KeyAuth,
    pending_request::{PendingRequest, RequestContent},
    response_outcome::{PartialSuccess, SendOutcome, classify, partial_success},
    secrets::{RawMessage, Secrets},
};
use crate::config::{DeliveryFailure, Endpoint, OtlpTarget, Receipt};

/// Maximum size of a response to an OTLP request; responses are small, and the rest is not read.
const MAX_RESPONSE: u64 = 4 << 20;

/// Sends all requests of one target.
#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    headers: Vec<(HeaderName, HeaderValue)>,
    secrets: Secrets,
    timeout: Duration,
    auth: Option<KeyAuth>,
    stop: Arc<ShutdownSignal>,
    on_delay: OnDelay,
    persistence: Persistence,
    /// `true` if an attempt failed during shutdown: further requests are tried once.
    gave_up: AtomicBool,
    pending_request: PendingRequest,
    bytes_sent: AtomicU64,
}

/// Place where spans wait while the endpoint does not accept them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    Memory,
    /// On disk, where they can also wait for a key to be accepted.
    Disk,
}

/// Callback that receives why a request is retried, and for how long it has been.
pub(crate) struct OnDelay(pub(crate) Box<dyn Fn(String, Duration) + Send + Sync>);

impl fmt::Debug for OnDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnDelay")
    }
}

impl Transport {
    pub(crate) fn new(
        target: &OtlpTarget,
        stop: Arc<ShutdownSignal>,
        on_delay: OnDelay,
        persistence: Persistence,
    ) -> Self {
        Self {
            client: Client::new(target.tls.config(), target.proxies.clone()),
            headers: target.headers.clone(),
            secrets: Secrets::of(target),
            timeout: target.timeout,
            auth: target.key.clone().map(KeyAuth::new),
            stop,
            on_delay,
            persistence,
            gave_up: AtomicBool::new(false),
            pending_request: PendingRequest::default(),
            bytes_sent: AtomicU64::new(0),
        }
    }

    /// Returns the bytes of request bodies that were accepted.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// Returns what the request in flight waits for, if any; for a caller that gives up waiting.
    pub(crate) fn waits_for(&self) -> Option<String> {
        self.pending_request.description()
    }

    /// Sends a request until the endpoint accepts or refuses it, or time runs out. Meanwhile, new spans are queued.
    pub(crate) fn send(&self, request: &Request<Bytes>) -> Result<Receipt, DeliveryFailure> {
        // Spans on disk are sent again later, so one attempt is enough once time is running out.
        let mut backoff = Backoff::new(match self.persistence {
            Persistence::Memory if !self.gave_up.load(Ordering::Relaxed) => LastAttempts::Few,
            _ => LastAttempts::One,
        });
        let began = Instant::now();
        loop {
            let was_stopping = self.stop.is_set();
            if self.stop.remaining() == Some(Duration::ZERO) {
                return Err(DeliveryFailure::Temporary(self.out_of_time(request)));
            }
            match self.attempt_authorised(request) {
                SendOutcome::Accepted(response) => {
                    self.pending_request.set_last_error(None);
                    self.bytes_sent.fetch_add(request.body().len() as u64, Ordering::Relaxed);
                    return Ok(self.receipt_of(&Endpoint(request.uri().clone()), &response));
                }
                SendOutcome::Refused(failure) => return Err(failure),
                SendOutcome::Retry { error, after } if was_stopping => {
                    self.pending_request.set_last_error(Some(error.clone()));
                    let left = self.stop.remaining().unwrap_or_default();
                    let Some(pause) = backoff.last(after, left) else {
                        self.gave_up.store(true, Ordering::Relaxed);
                        return Err(DeliveryFailure::Temporary(error));
                    };
                    thread::sleep(pause);
                }
                SendOutcome::Retry { error, after } => {
                    self.pending_request.set_last_error(Some(error.clone()));
                    (self.on_delay.0)(error, began.elapsed());
                    if self.stop.wait_or_shutdown(backoff.next(after)) {
                        backoff.start_over();
                    }
                }
            }
        }
    }

    /// Returns why there was no time: the error of earlier requests, if there is one.
    fn out_of_time(&self, request: &Request<Bytes>) -> String {
        self.pending_request.last_error().unwrap_or_else(|| {
            let endpoint = Endpoint(request.uri().clone());
            format!("time ran out before it could be sent to `{endpoint}`")
        })
    }

    /// Makes one attempt; a refused token is replaced once. A key that is not accepted is a reason to retry rather
    /// than to drop the spans, since an operator can fix it.
    fn attempt_authorised(&self, request: &Request<Bytes>) -> SendOutcome {
        let attempt = match self.attempt(request) {
            Ok(response) if self.forget_refused_token(&response) => self.attempt(request),
            attempt => attempt,
        };
        match attempt {
            Ok(response) if self.forget_refused_token(&response) => {
                let status = response.status();
                let endpoint = Endpoint(request.uri().clone());
                let error = format!(
                    "AgentOps does not accept its own token at `{endpoint}` (status {status})"
                );
                SendOutcome::Retry { error, after: None }
            }
            Ok(response) => {
                let endpoint = Endpoint(request.uri().clone());
                self.patiently(classify(&endpoint, response, || self.secrets()))
            }
            // No failure of an attempt is final, not even a key that the token service refuses: the spans have not
            // been seen by the endpoint.
            Err(failure) => SendOutcome::Retry { error: failure.to_string(), after: None },
        }
    }

    /// Turns the refusal of a key or an address into a retry if spans wait on disk: an operator can fix it.
    fn patiently(&self, attempt: SendOutcome) -> SendOutcome {
        match attempt {
            SendOutcome::Refused(DeliveryFailure::Configuration(error))
                if self.persistence == Persistence::Disk =>
            {
                SendOutcome::Retry { error, after: None }
            }
            attempt => attempt,
        }
    }

    /// Forgets the token if it was refused; returns `true` if it was.
    fn forget_refused_token(&self, response: &Response<Bytes>) -> bool {
        let auth = self.auth.as_ref();
        let auth = auth.filter(|_| response.status() == StatusCode::UNAUTHORIZED);
        auth.inspect(|auth| auth.forget()).is_some()
    }

    /// Sends the request once. Any response is a success; the error describes why there is none.
    fn attempt(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, DeliveryFailure> {
        let timeout = self.stop.remaining().map_or(self.timeout, |left| self.timeout.min(left));
        let mut headers = self.headers_for(request);
        if let Some(auth) = &self.auth {
            headers.insert(header::AUTHORIZATION, self.bearer(auth, timeout)?);
        }
        let endpoint = Endpoint(request.uri().clone());
        self.pending_request.begin(endpoint.clone(), RequestContent::Spans);
        match self.exchange(request, headers, timeout) {
            Err(ureq::Error::Timeout(_)) => {
                Err(DeliveryFailure::Temporary(self.pending_request.record_timeout(&endpoint)))
            }
            answer => {
                self.pending_request.end();
                answer
                    .map_err(|error| DeliveryFailure::Temporary(self.no_answer(&endpoint, &error)))
            }
        }
    }

    fn bearer(&self, auth: &KeyAuth, timeout: Duration) -> Result<HeaderValue, DeliveryFailure> {
        if let Some(bearer) = auth.token() {
            return Ok(bearer);
        }
        self.pending_request.begin(auth.endpoint().clone(), RequestContent::Key);
        let bearer = auth.fetch_token(&self.client, timeout, &self.secrets());
        self.pending_request.end();
        bearer
    }

    /// Returns the headers of a request. Only those that describe the body are taken from the exporter; the others
    /// are our own, so that nothing from the environment is sent where it was not meant to go.
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
    ) -> Result<Response<Bytes>, ureq::Error> {
        let mut outgoing = Request::post(request.uri()).body(&request.body()[..])?;
        *outgoing.headers_mut() = headers;
        self.client.run(outgoing, timeout, MAX_RESPONSE)
    }

    fn receipt_of(&self, endpoint: &Endpoint, response: &Response<Bytes>) -> Receipt {
        let Some(PartialSuccess { rejected, message }) = partial_success(response) else {
            return Receipt::Complete;
        };
        let message = self.secrets().quote(&message);
        if rejected == 0 {
            return Receipt::Warning(format!("`{endpoint}` warns: {message}"));
        }
        let reason = if message.is_empty() { message } else { format!(": {message}") };
        let reason = format!("`{endpoint}` rejected some of them{reason}");
        Receipt::Partial { rejected, reason }
    }

    /// Describes why there is no response. The error of a library may repeat an address, a certificate or a
    /// proxy's text, so secrets are redacted.
    fn no_answer(&self, endpoint: &Endpoint, error: &ureq::Error) -> String {
        let hint = address_remedies::of_no_answer(endpoint, error);
        let words = match error {
            ureq::Error::Io(error) => RawMessage::new(error.to_string()),
            error => RawMessage::new(error.to_string()),
        };
        format!("`{endpoint}` does not answer: {}{hint}", self.secrets().quote(&words))
    }

    /// Returns all secrets that the endpoint may repeat, including the tokens it has received.
    fn secrets(&self) -> Secrets {
        let tokens = self.auth.as_ref().map(KeyAuth::sent_tokens).unwrap_or_default();
        self.secrets.and(&tokens)
    }
}
