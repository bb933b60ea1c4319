//! Ways in which a call ends.

use crate::{capture::Outcome, session::EndState};

/// Way in which a call ended.
#[derive(Debug)]
pub(super) enum CallEnding<'a> {
    /// The call ran to its end.
    Finished(Outcome<'a>),
    /// The call panicked.
    Panicked,
    /// The future of the call was dropped before it completed.
    Cancelled,
    /// The owner of the handle ended the span with this state; it ends at once.
    Said(EndState),
    /// The code of the call ended with this state. A session stays open until the work that its code left behind has
    /// ended.
    Left(EndState),
    /// The last clone of the handle was dropped without ending the span.
    Dropped,
}
