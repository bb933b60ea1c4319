//! Query of an address.

use percent_encoding::percent_decode_str;

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
