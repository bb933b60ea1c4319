//! Query of an address, and ids in it.

use percent_encoding::percent_decode_str;

use super::api_error::ApiError;
use crate::store::{SessionId, SpanId};

/// Values by name, as the query of an address has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses a query.
    pub(super) fn parse(text: &str) -> Self {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// Returns the value of a name; an empty one is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }
}

/// Parses the id of a session.
pub(super) fn session_id(text: &str) -> Result<SessionId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::Request(format!("`{text}` is no id of a session; 32 hexadecimal digits are one"))
    })
}

/// Parses the id of a span.
pub(super) fn span_id(text: &str) -> Result<SpanId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::Request(format!("`{text}` is no id of a span; 16 hexadecimal digits are one"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_decoded_as_browsers_encode_it() {
        let query = Query::parse("q=caf%C3%A9+%26+%2B%3D&empty=&flag&q=second&bad=%f");
        let found = ["q", "empty", "flag", "bad", "none"].map(|name| query.get(name));
        assert_eq!(found, [Some("café & +="), None, None, Some("%f"), None]);
        assert_eq!(Query::parse(""), Query::default());
    }
}
