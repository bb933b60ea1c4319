//! One HTTP client for everything that leaves: it authorises, retries and counts.
//!
//! It blocks: no async runtime is needed or disturbed.

mod auth;
mod backoff;
mod client;
mod deadline;
mod hint;
mod needle;
mod outbox;
mod response;
mod secrets;
mod sender;
mod silence;
mod spool;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    deadline::ShutdownSignal,
    outbox::Outbox,
    sender::Sender,
    spool::{Label, PROTOBUF, Segment, Spool},
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
    auth::Auth,
    backoff::Backoff,
    client::Client,
    response::{PartialSuccess, SendOutcome, judge, partial_success},
    secrets::{Secrets, Words},
    silence::{Carries, Silence},
};
use crate::config::{Endpoint, OtlpTarget, Receipt};

/// Answers to OTLP requests are small; more than this is not read.
const MAX_ANSWER: u64 = 4 << 20;

/// The one way out.
#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    headers: Vec<(HeaderName, HeaderValue)>,
    secrets: Secrets,
    timeout: Duration,
    auth: Option<Auth>,
    stop: Arc<ShutdownSignal>,
    on_delay: OnDelay,
    /// Whether spans wait on disk, where they can wait for a key, too.
    is_patient: bool,
    /// Whether time was running out and something was tried in vain: what follows is tried once.
    gave_up: AtomicBool,
    silence: Silence,
    bytes_sent: AtomicU64,
}

/// Who hears why something has to be sent once more, and for how long that has been so.
pub(crate) struct OnDelay(pub(crate) Box<dyn Fn(String, Duration) + Send + Sync>);

impl fmt::Debug for OnDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnDelay")
    }
}

/// Why something was not sent, and whether it never will be.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) reason: String,
    pub(crate) for_good: bool,
}

impl Unsent {
    pub(super) const fn for_good(reason: String) -> Self {
        Self { reason, for_good: true }
    }

    const fn yet(reason: String) -> Self {
        Self { reason, for_good: false }
    }
}

impl Transport {
    pub(crate) fn new(
        target: &OtlpTarget,
        stop: Arc<ShutdownSignal>,
        on_delay: OnDelay,
        is_patient: bool,
    ) -> Self {
        Self {
            client: Client::new(target.tls.config(), target.proxies.clone()),
            headers: target.headers.clone(),
            secrets: Secrets::of(target),
            timeout: target.timeout,
            auth: target.key.clone().map(Auth::new),
            stop,
            on_delay,
            is_patient,
            gave_up: AtomicBool::new(false),
            silence: Silence::default(),
            bytes_sent: AtomicU64::new(0),
        }
    }

    /// Bytes of request bodies that were accepted.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// What it waits for at this moment, if a request is on its way: for whoever does not wait any longer.
    pub(crate) fn waits_for(&self) -> Option<String> {
        self.silence.now()
    }

    /// Sends until the far side accepts, refuses, or time runs out. While it waits the queue takes what comes.
    pub(crate) fn send(&self, request: &Request<Bytes>) -> Result<Receipt, Unsent> {
        // What is on disk has another chance.
        let mut backoff = Backoff::new(self.is_patient || self.gave_up.load(Ordering::Relaxed));
        let began = Instant::now();
        loop {
            let was_stopping = self.stop.is_set();
            if self.stop.remaining() == Some(Duration::ZERO) {
                return Err(Unsent::yet(self.out_of_time(request)));
            }
            match self.attempt_authorised(request) {
                SendOutcome::Accepted(response) => {
                    self.silence.note(None);
                    self.bytes_sent.fetch_add(request.body().len() as u64, Ordering::Relaxed);
                    return Ok(self.receipt_of(&Endpoint(request.uri().clone()), &response));
                }
                SendOutcome::Refused { error, .. } => return Err(Unsent::for_good(error)),
                SendOutcome::Later { error, after } if was_stopping => {
                    self.silence.note(Some(error.clone()));
                    let left = self.stop.remaining().unwrap_or_default();
                    let Some(pause) = backoff.last(after, left) else {
                        self.gave_up.store(true, Ordering::Relaxed);
                        return Err(Unsent::yet(error));
                    };
                    thread::sleep(pause);
                }
                SendOutcome::Later { error, after } => {
                    self.silence.note(Some(error.clone()));
                    (self.on_delay.0)(error, began.elapsed());
                    if self.stop.cuts_short(backoff.next(after)) {
                        backoff.start_over();
                    }
                }
            }
        }
    }

    /// Why there was no time: what went wrong with those before, if it is known.
    fn out_of_time(&self, request: &Request<Bytes>) -> String {
        self.silence.trouble().unwrap_or_else(|| {
            let endpoint = Endpoint(request.uri().clone());
            format!("time ran out before it could be sent to `{endpoint}`")
        })
    }

    /// One attempt; a token that is refused is replaced once. Where a key is at work, spans wait for it to
    /// be accepted: to lose them would not mend it.
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
                SendOutcome::Later { error, after: None }
            }
            Ok(response) => {
                let endpoint = Endpoint(request.uri().clone());
                self.patiently(judge(&endpoint, response, || self.secrets()))
            }
            Err(error) => SendOutcome::Later { error, after: None },
        }
    }

    /// A key or an address that somebody will put right.
    fn patiently(&self, attempt: SendOutcome) -> SendOutcome {
        match attempt {
            SendOutcome::Refused { error, is_for_the_spans: false } if self.is_patient => {
                SendOutcome::Later { error, after: None }
            }
            attempt => attempt,
        }
    }

    /// Forgets the token if it was refused; true if it was.
    fn forget_refused_token(&self, response: &Response<Bytes>) -> bool {
        let auth = self.auth.as_ref();
        let auth = auth.filter(|_| response.status() == StatusCode::UNAUTHORIZED);
        auth.inspect(|auth| auth.forget()).is_some()
    }

    /// Any answer is one; the error says why there is none.
    fn attempt(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, String> {
        let timeout = self.stop.remaining().map_or(self.timeout, |left| self.timeout.min(left));
        let mut headers = self.headers_for(request);
        if let Some(auth) = &self.auth {
            headers.insert(header::AUTHORIZATION, self.bearer(auth, timeout)?);
        }
        let endpoint = Endpoint(request.uri().clone());
        self.silence.begin(endpoint.clone(), Carries::Spans);
        match self.exchange(request, headers, timeout) {
            Err(ureq::Error::Timeout(_)) => Err(self.silence.time_out(&endpoint)),
            answer => {
                self.silence.end();
                answer.map_err(|error| self.no_answer(&endpoint, &error))
            }
        }
    }

    fn bearer(&self, auth: &Auth, timeout: Duration) -> Result<HeaderValue, String> {
        if let Some(bearer) = auth.known() {
            return Ok(bearer);
        }
        self.silence.begin(auth.endpoint().clone(), Carries::Key);
        let bearer = auth.buy(&self.client, timeout, &self.secrets());
        self.silence.end();
        bearer
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
    ) -> Result<Response<Bytes>, ureq::Error> {
        let mut outgoing = Request::post(request.uri()).body(&request.body()[..])?;
        *outgoing.headers_mut() = headers;
        self.client.run(outgoing, timeout, MAX_ANSWER)
    }

    fn receipt_of(&self, endpoint: &Endpoint, response: &Response<Bytes>) -> Receipt {
        let Some(PartialSuccess { rejected, words }) = partial_success(response) else {
            return Receipt::default();
        };
        let reason = match (rejected, self.secrets().quote(&words)) {
            (0, warning) => format!("`{endpoint}` warns: {warning}"),
            (_, reason) if reason.is_empty() => format!("`{endpoint}` rejected some of them"),
            (_, reason) => format!("`{endpoint}` rejected some of them: {reason}"),
        };
        Receipt { failed: rejected, reason: Some(reason) }
    }

    /// Why there is no answer: an error of a library may repeat an address, a certificate or a proxy's words.
    fn no_answer(&self, endpoint: &Endpoint, error: &ureq::Error) -> String {
        let hint = hint::of_no_answer(endpoint, error);
        let words = match error {
            ureq::Error::Io(error) => Words::new(error.to_string()),
            error => Words::new(error.to_string()),
        };
        format!("`{endpoint}` does not answer: {}{hint}", self.secrets().quote(&words))
    }

    /// All that the far side may repeat, with the tokens that it was shown.
    fn secrets(&self) -> Secrets {
        let tokens = self.auth.as_ref().map(Auth::shown).unwrap_or_default();
        self.secrets.and(&tokens)
    }
}
