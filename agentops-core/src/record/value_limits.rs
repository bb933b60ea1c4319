//! Limits of recorded values.

/// Maximum length of one text of a span in bytes, no matter which code sets it. No reader displays a longer text, and
/// a line of a session's file still holds several of this length.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

/// Maximum length of captured content in bytes. Its JSON is closed and marked where it is cut, which needs some room.
pub(crate) const LONGEST_CONTENT: usize = LONGEST_TEXT - (4 << 10);

/// Bounds of a captured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Maximum length of the content, in bytes.
    pub(crate) max_len: usize,
    /// `true` if values that are named like credentials are redacted.
    pub(crate) redacts: bool,
}

#[cfg(test)]
impl Extent {
    /// Returns bounds without redaction.
    pub(crate) const fn whole(max_len: usize) -> Self {
        Self { max_len, redacts: false }
    }
}
