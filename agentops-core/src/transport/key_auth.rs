//! AgentOps authorisation: the worker exchanges a project's key for a token when it needs one.

use std::{sync::MutexGuard, time::Duration};

use http::{HeaderValue, Request, header};
use serde::{Deserialize, Serialize};

use super::{
    address_remedies,
    http_client::Client,
    secrets::{RawMessage, Secrets},
};
use crate::{
    config::{AgentOpsKey, DeliveryFailure, Endpoint},
    process::Lock,
};

#[derive(Serialize)]
struct KeyBody<'a> {
    api_key: &'a str,
}

#[derive(Deserialize)]
struct TokenBody {
    token: String,
}

/// Maximum size of the response to a token request; a larger one is invalid.
const MAX_RESPONSE: u64 = 64 << 10;

/// Values of the `Authorization` header obtained with a key.
#[derive(Debug, Default)]
struct BearerToken {
    now: Option<HeaderValue>,
    /// Refused value, which a response may still repeat.
    before: Option<HeaderValue>,
}

/// API key with its last token.
#[derive(Debug)]
pub(super) struct KeyAuth {
    key: AgentOpsKey,
    bearer: Lock<BearerToken>,
}

impl KeyAuth {
    pub(super) fn new(key: AgentOpsKey) -> Self {
        Self { key, bearer: Lock::default() }
    }

    /// Fetches a token; returns the value of the `Authorization` header, or why there is none.
    pub(super) fn fetch_token(
        &self,
        client: &Client,
        timeout: Duration,
        secrets: &Secrets,
    ) -> Result<HeaderValue, DeliveryFailure> {
        let fresh = self.request_token(client, timeout, secrets)?;
        self.lock().now = Some(fresh.clone());
        Ok(fresh)
    }

    /// Returns the value that was fetched last.
    pub(super) fn token(&self) -> Option<HeaderValue> {
        self.lock().now.clone()
    }

    /// Forgets a token that was refused.
    pub(super) fn forget(&self) {
        let mut bearer = self.lock();
        bearer.before = bearer.now.take().or(bearer.before.take());
    }

    /// Returns the endpoint that exchanges keys for tokens.
    pub(super) const fn endpoint(&self) -> &Endpoint {
        &self.key.token_endpoint
    }

    /// Returns all values that the endpoint may have received and may repeat.
    pub(super) fn sent_tokens(&self) -> Vec<HeaderValue> {
        let bearer = self.lock();
        bearer.now.iter().chain(&bearer.before).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BearerToken> {
        self.bearer.lock()
    }

    fn request_token(
        &self,
        client: &Client,
        timeout: Duration,
        secrets: &Secrets,
    ) -> Result<HeaderValue, DeliveryFailure> {
        let endpoint = &self.key.token_endpoint;
        let unavailable = |problem: &str| {
            let text = format!("the AgentOps token service `{endpoint}` {problem}");
            DeliveryFailure::Temporary(text)
        };
        let body = KeyBody { api_key: self.key.key.reveal() };
        let body = serde_json::to_vec(&body).map_err(|_| unavailable("cannot be asked"))?;
        let request = Request::post(&endpoint.0)
            .header(header::CONTENT_TYPE, "application/json")
            .body(&body[..])
            .map_err(|_| unavailable("cannot be asked"))?;
        let response = client
            .run(request, timeout, MAX_RESPONSE)
            .map_err(|error| unavailable(&no_token(endpoint, &error, timeout, secrets)))?;
        match response.status().as_u16() {
            200..300 => {}
            status @ (400 | 401 | 403) => {
                return Err(DeliveryFailure::Configuration(format!(
                    "AgentOps at `{endpoint}` does not accept the API key (status {status}); \
                     check `AGENTOPS_API_KEY`"
                )));
            }
            status => return Err(unavailable(&format!("answers with status {status}"))),
        }
        let token = serde_json::from_slice::<TokenBody>(response.body()).ok();
        let bearer =
            token.and_then(|body| HeaderValue::try_from(format!("Bearer {}", body.token)).ok());
        let mut bearer = bearer.ok_or_else(|| unavailable("answers without a token"))?;
        bearer.set_sensitive(true);
        Ok(bearer)
    }
}

fn no_token(
    endpoint: &Endpoint,
    error: &ureq::Error,
    timeout: Duration,
    secrets: &Secrets,
) -> String {
    match error {
        ureq::Error::Timeout(_) => {
            format!("gave no answer within {:.1} s", timeout.as_secs_f64())
        }
        error => {
            let said = secrets.quote(&RawMessage::new(error.to_string()));
            format!("does not answer: {said}{}", address_remedies::of_no_answer(endpoint, error))
        }
    }
}
