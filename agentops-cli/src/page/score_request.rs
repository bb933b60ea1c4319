//! Request to add a score, and its bounds.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use serde::Deserialize;

use super::{api_error::ApiError, query::span_id};
use crate::store::Score;

/// Most bytes of a request.
pub(super) const MOST_BODY: usize = 64 << 10;
/// Most characters of a name, a label or an author.
const LONGEST_NAME: usize = 100;
/// Most characters of an explanation.
const LONGEST_EXPLANATION: usize = 10_000;
/// Name of a score that says whether an answer is right, as evaluators elsewhere have it.
const DEFAULT_NAME: &str = "correctness";

/// Score as the page sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreRequest {
    /// Span; `None` for the session.
    span: Option<String>,
    name: Option<String>,
    value: Option<f64>,
    label: Option<String>,
    explanation: Option<String>,
    author: Option<String>,
}

/// Parses a request that was sent at a time in nanoseconds since 1970.
pub(super) fn parse_score(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    now: u64,
) -> Result<Score, ApiError> {
    if !is_json(headers) {
        return Err(ApiError::NoJson);
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(MOST_BODY),
        _ => ApiError::Request("the body could not be read".into()),
    })?;
    let request: ScoreRequest = serde_json::from_slice(&body)
        .map_err(|error| ApiError::Request(format!("the body is no score: {error}")))?;
    request.score(now)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

impl ScoreRequest {
    fn score(self, time: u64) -> Result<Score, ApiError> {
        let name = text("name", self.name, LONGEST_NAME)?;
        let label = text("label", self.label, LONGEST_NAME)?;
        // JSON has no other numbers, but what reads it may change.
        let value = self.value.filter(|value| value.is_finite());
        if value.is_none() && label.is_none() {
            return Err(ApiError::Request("a score needs a `value` or a `label`".into()));
        }
        Ok(Score {
            span: self.span.as_deref().map(span_id).transpose()?,
            name: name.unwrap_or_else(|| DEFAULT_NAME.to_owned()),
            value,
            label,
            explanation: text("explanation", self.explanation, LONGEST_EXPLANATION)?,
            author: text("author", self.author, LONGEST_NAME)?,
            time,
        })
    }
}

/// Returns a text without space around it; `None` if nothing is left.
fn text(field: &str, text: Option<String>, longest: usize) -> Result<Option<String>, ApiError> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > longest => Err(ApiError::Request(format!(
            "`{field}` is longer than {longest} characters; shorten it"
        ))),
        text => Ok(text),
    }
}
