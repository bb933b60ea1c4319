//! Errors of the server, as the page shows them.

use axum::{
    http::{HeaderValue, StatusCode, header::ALLOW},
    response::Response,
};
use serde_json::json;

use super::headers::answer;
use crate::store::{SessionId, SpanId, SpanTable, StoreError};

/// Reason why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("{0}")]
    Request(String),
    #[error("there is no session `{session}`; `agentops ls` lists them")]
    NoSession {
        session: SessionId,
        /// Sessions that may be meant.
        near: Vec<SessionId>,
    },
    #[error("{0}")]
    NotFound(&'static str),
    #[error("scores are off by `--read-only`; start `agentops view` without it")]
    ReadOnly,
    #[error("the body is longer than {0} bytes; shorten the explanation")]
    TooLarge(usize),
    #[error("the body is no JSON; send it as `Content-Type: application/json`")]
    NoJson,
    #[error(transparent)]
    Store(StoreError),
    #[error("`agentops view` met an error of its own; its terminal shows more")]
    Panic,
    #[error("the document cannot be written: {0}")]
    Document(#[from] serde_json::Error),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            // It was removed after it was listed.
            StoreError::NoSession(_) => Self::NotFound("the session is no longer there"),
            other => Self::Store(other),
        }
    }
}

impl ApiError {
    /// Returns the error of a span without a row: it runs, if others are below it.
    pub(super) fn no_span(table: &SpanTable, id: SpanId) -> Self {
        let has_begun = table.rows().iter().any(|row| row.parent == Some(id));
        Self::NotFound(if has_begun {
            "the span has not ended"
        } else {
            "the session has no such span, or it has not ended"
        })
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::NoSession { .. } | Self::NotFound(_) | Self::Store(StoreError::NoSpans(..)) => {
                StatusCode::NOT_FOUND
            }
            Self::ReadOnly | Self::Store(StoreError::ReadOnly(_) | StoreError::Unwritable(..)) => {
                StatusCode::METHOD_NOT_ALLOWED
            }
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Store(_) | Self::Panic | Self::Document(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the answer.
    pub(super) fn answer(&self) -> Response {
        let mut document = json!({ "error": self.to_string() });
        if let Self::NoSession { near, .. } = self {
            document["near"] = near.iter().map(ToString::to_string).collect();
        }
        let mut answer = answer(self.status(), "application/json", document.to_string());
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        answer
    }
}
