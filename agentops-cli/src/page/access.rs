//! Rights of the user of a page: to look, or to give scores, too.

/// Rights of the user of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// To look at everything.
    ReadOnly,
    /// To give scores, too.
    Scores,
}
