//! AgentOps authorisation: a project's key is exchanged for a token, by the worker, when one is needed.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderValue, Request, header};
use serde::{Deserialize, Serialize};

use crate::config::AgentOpsKey;

#[derive(Serialize)]
struct KeyBody<'a> {
    api_key: &'a str,
}

#[derive(Deserialize)]
struct TokenBody {
    token: String,
}

/// The answer to a token request is small; more than this is none.
const MAX_ANSWER: u64 = 64 << 10;

/// A key with the token it last bought.
#[derive(Debug)]
pub(super) struct Auth {
    key: AgentOpsKey,
    bearer: Mutex<Option<HeaderValue>>,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) enum AuthError {
    /// The key is not accepted: trying again is useless.
    Rejected(String),
    /// The service did not answer properly: trying again may help.
    Unavailable(String),
}

impl Auth {
    pub(super) fn new(key: AgentOpsKey) -> Self {
        Self { key, bearer: Mutex::default() }
    }

    /// The value of the `Authorization` header, fetched if there is none.
    pub(super) fn bearer(
        &self,
        agent: &ureq::Agent,
        timeout: Duration,
    ) -> Result<HeaderValue, AuthError> {
        let mut bearer = self.bearer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bearer) = &*bearer {
            return Ok(bearer.clone());
        }
        let fresh = self.fetch(agent, timeout)?;
        *bearer = Some(fresh.clone());
        Ok(fresh)
    }

    /// Forgets a token that was refused.
    pub(super) fn forget(&self) {
        *self.bearer.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn fetch(&self, agent: &ureq::Agent, timeout: Duration) -> Result<HeaderValue, AuthError> {
        let unavailable =
            |problem: &str| AuthError::Unavailable(format!("the AgentOps token service {problem}"));
        let request = self.request().map_err(|_| unavailable("cannot be asked"))?;
        let request = agent.configure_request(request).timeout_global(Some(timeout)).build();
        let mut response = agent
            .run(request)
            .map_err(|error| unavailable(&format!("does not answer: {error}")))?;
        match response.status().as_u16() {
            200..300 => {}
            status @ (400 | 401 | 403) => {
                return Err(AuthError::Rejected(format!(
                    "AgentOps does not accept the API key (status {status}); check `AGENTOPS_API_KEY`"
                )));
            }
            status => return Err(unavailable(&format!("answers with status {status}"))),
        }
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let token = body.ok().and_then(|body| serde_json::from_slice::<TokenBody>(&body).ok());
        let bearer =
            token.and_then(|body| HeaderValue::try_from(format!("Bearer {}", body.token)).ok());
        let mut bearer = bearer.ok_or_else(|| unavailable("answers without a token"))?;
        bearer.set_sensitive(true);
        Ok(bearer)
    }

    fn request(&self) -> Result<Request<Vec<u8>>, Box<dyn std::error::Error>> {
        let body = serde_json::to_vec(&KeyBody { api_key: self.key.key.reveal() })?;
        let request = Request::post(&self.key.token_endpoint);
        Ok(request.header(header::CONTENT_TYPE, "application/json").body(body)?)
    }
}
