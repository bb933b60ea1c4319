//! Ids of sessions and spans as a person writes them: whole, or by a prefix that is unique.

use std::{fmt, str::FromStr};

/// Id of a trace, which is the id of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SessionId(u128);

/// Id of a span within its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpanId(u64);

/// Text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoId;

impl SessionId {
    /// Number of hexadecimal digits.
    pub(crate) const DIGITS: usize = 32;

    /// Returns `true` if these bytes are the id.
    pub(super) fn is_of(self, bytes: &[u8]) -> bool {
        bytes == self.0.to_be_bytes()
    }
}

impl SpanId {
    /// Number of hexadecimal digits.
    pub(crate) const DIGITS: usize = 16;
}

/// Returns `true` for a text of this many hexadecimal digits at the most, and one at least.
pub(crate) fn is_prefix(text: &str, digits: usize) -> bool {
    (1..=digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns `true` for the whole of an id. An id of zeros is none, as in OpenTelemetry.
fn is_id(text: &str, digits: usize) -> bool {
    text.len() == digits && is_prefix(text, digits) && text.bytes().any(|byte| byte != b'0')
}

impl FromStr for SessionId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let number = is_id(text, Self::DIGITS).then(|| u128::from_str_radix(text, 16));
        number.and_then(Result::ok).map(Self).ok_or(NoId)
    }
}

impl FromStr for SpanId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let number = is_id(text, Self::DIGITS).then(|| u64::from_str_radix(text, 16));
        number.and_then(Result::ok).map(Self).ok_or(NoId)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_id_parses_hexadecimal_digits_only() {
        let text = "00000000000000000000000000000abc";
        let id: SessionId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        for none in
            ["", "abc", "+0000000000000000000000000000abc", &"0".repeat(32), &"g".repeat(32)]
        {
            assert_eq!(none.parse::<SessionId>(), Err(NoId), "{none}");
        }
    }

    #[test]
    fn span_id_parses_hexadecimal_digits_only() {
        let id: SpanId = "00F067AA0DE902D7".parse().unwrap();
        assert_eq!(id.to_string(), "00f067aa0de902d7");
        assert_eq!("00f067aa0de902d".parse::<SpanId>(), Err(NoId));
    }
}
