//! How much is recorded of a value.

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
