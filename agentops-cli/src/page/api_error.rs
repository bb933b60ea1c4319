//! Errors of the server, as the page shows them.

use axum::{http::StatusCode, response::Response};
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
            Self::Store(_) | Self::Panic | Self::Document(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the answer.
    pub(super) fn answer(&self) -> Response {
        let mut document = json!({ "error": self.to_string() });
        if let Self::NoSession { near, .. } = self {
            document["near"] = near.iter().map(ToString::to_string).collect();
        }
        answer(self.status(), "application/json", document.to_string())
    }
}
