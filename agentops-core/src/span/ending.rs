//! The way in which a call ended.

use crate::{capture::Outcome, session::EndState};

/// The way in which a call ended.
#[derive(Debug)]
pub(super) enum Ending<'a> {
    /// It ran to its end.
    Finished(Outcome<'a>),
    /// It panicked.
    Panicked,
    /// Its future was dropped half way.
    Cancelled,
    /// Whoever held it in hand said so: it ends at once.
    Said(EndState),
    /// Its code came to this: a session goes on as long as what that has left behind.
    Left(EndState),
    /// Whoever held it in hand let go of it.
    Dropped,
}
