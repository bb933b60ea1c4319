//! Differences between two sessions.
//!
//! ```text
//! DiffSide, DiffSide ── align ──▶ DiffRow …   what is the same, changed, removed, added
//!                               └▶ Departure   where the sessions part ──▶ one or two sentences
//! ```
//!
//! Times and ids are no difference, nor is the order of the keys of a JSON object.

mod alignment;
mod call_text;
mod compared;
mod content_digest;
mod departure;
mod detail;
mod diff_row;
mod diff_side;
mod prompt_change;
mod sentence;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    call_text::call_text,
    compared::{Compared, Texts, previous},
    content_digest::{ContentDigest, hash_of_json},
    departure::{Departure, Difference},
    detail::{Detail, details},
    diff_row::DiffRow,
    diff_side::{DiffSide, NodeTexts},
};

use self::diff_row::diff_rows;
use crate::store::StoreError;

/// Differences between two sessions, the older one first.
#[derive(Debug)]
pub(crate) struct SessionDiff {
    /// Spans of both trees in one order: parents before their children, what was removed before what was added.
    pub(crate) rows: Vec<DiffRow>,
    departure: Option<Departure>,
}

impl SessionDiff {
    /// Compares two sessions.
    pub(crate) fn new(sides: [&DiffSide<'_>; 2]) -> Self {
        let rows = diff_rows(sides);
        let departure = Departure::find(sides, &rows);
        Self { rows, departure }
    }

    /// Returns `true` if there is no difference.
    pub(crate) fn is_empty(&self) -> bool {
        self.departure.is_none()
    }

    /// Returns the first difference.
    pub(crate) fn departure(&self) -> Option<&Departure> {
        self.departure.as_ref()
    }

    /// Describes where the sessions part in a few sentences.
    ///
    /// # Errors
    /// Returns an error if the texts of a span cannot be read.
    pub(crate) fn sentence(&self, sides: [&DiffSide<'_>; 2]) -> Result<String, StoreError> {
        sentence::describe(sides, &self.rows, self.departure.as_ref())
    }
}
