//! How much is recorded of a value.

/// The bytes of one text of a span, whoever set it. More than this is no text that anybody reads, and a line of a
/// session's file holds a few of them.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

/// The same of content that is captured, whose JSON is closed and marked where it ends.
pub(crate) const LONGEST_CONTENT: usize = LONGEST_TEXT - (4 << 10);

/// The bounds of a value that is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The bytes of its content, at the most.
    pub(crate) max_len: usize,
    /// Whether what is named like a credential in it is left out.
    pub(crate) redacts: bool,
}

#[cfg(test)]
impl Extent {
    /// Bounded alone.
    pub(crate) const fn whole(max_len: usize) -> Self {
        Self { max_len, redacts: false }
    }
}
