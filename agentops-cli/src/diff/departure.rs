//! First difference between two sessions.
//!
//! Models seldom write the same text twice, so that their texts differ long before they do something else. A departure
//! is therefore the first difference in what was done or came back from outside, and only without one a difference in
//! texts of models.

use super::{
    diff_row::{Change, DiffRow},
    diff_side::DiffSide,
};

/// First difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    /// Row of the difference.
    pub(crate) row: usize,
    /// Number of the call, from 1, in the order of the rows; `None` if the span is no call.
    pub(crate) call: Option<usize>,
    /// Number of other calls that are the same: those that had started by then, or all if no step differs.
    pub(crate) same_calls: usize,
    pub(crate) weight: Weight,
    pub(crate) difference: Difference,
    /// Last model call before the difference.
    pub(crate) asked: Option<ModelCall>,
    /// First call before that one where texts of models differ.
    pub(crate) first_text: Option<usize>,
}

/// Difference of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    Removed,
    Added,
    /// The span is gone, and the span of this row stands in its place.
    Replaced(usize),
    Changed(Change),
}

/// Call of a model that both sessions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelCall {
    pub(crate) row: usize,
    pub(crate) call: usize,
}

/// Weight of a difference, the greatest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Something else was done, or came back from outside.
    Step,
    /// Texts of a model differ.
    Text,
    /// A span that is no call differs.
    Other,
}

impl Departure {
    /// Finds the first difference; `None` if there is none.
    pub(super) fn find(sides: [&DiffSide<'_>; 2], rows: &[DiffRow]) -> Option<Self> {
        let mut search =
            Search { sides, rows, calls: 0, asked: None, first_text: None, found: None };
        // Spans around the current one, with the numbers of their calls.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        for (row, entry) in rows.iter().enumerate() {
            let depth = entry.depth(sides);
            while open.len() > depth {
                open.pop().into_iter().for_each(|(row, call)| search.leave(row, call));
            }
            let call = search.enter(row);
            open.push((row, call));
        }
        open.into_iter().rev().for_each(|(row, call)| search.leave(row, call));
        let mut found = search.found?;
        if found.weight != Weight::Step {
            found.same_calls = search.calls;
        }
        Some(found)
    }
}

struct Search<'d> {
    sides: [&'d DiffSide<'d>; 2],
    rows: &'d [DiffRow],
    /// Number of calls that have started.
    calls: usize,
    asked: Option<ModelCall>,
    first_text: Option<usize>,
    found: Option<Departure>,
}

impl Search<'_> {
    /// Looks at the start of a span. Returns its number if it is a call.
    fn enter(&mut self, row: usize) -> Option<usize> {
        let (side, node) = self.rows[row].newest();
        let is_call = self.sides[side].is_call(node);
        self.calls += usize::from(is_call);
        let call = is_call.then_some(self.calls);
        match &self.rows[row] {
            DiffRow::Same { .. } => {}
            DiffRow::Changed { changes, .. } => {
                let change = changes.iter().find(|change| change.is_at_start());
                self.offer_change(row, call, change);
            }
            DiffRow::Removed { .. } => self.offer(row, call, Difference::Removed),
            DiffRow::Added { .. } => self.offer(row, call, Difference::Added),
        }
        let is_pair = self.rows[row].nodes().iter().all(Option::is_some);
        if let Some(call) = call.filter(|_| is_pair && self.sides[side].title(node).0 == "llm") {
            self.asked = Some(ModelCall { row, call });
        }
        call
    }

    /// Looks at the end of a span.
    fn leave(&mut self, row: usize, call: Option<usize>) {
        let change = self.rows[row].changes().iter().find(|change| !change.is_at_start());
        self.offer_change(row, call, change);
    }

    fn offer_change(&mut self, row: usize, call: Option<usize>, change: Option<&Change>) {
        if let Some(change) = change {
            self.offer(row, call, Difference::Changed(*change));
        }
    }

    fn offer(&mut self, row: usize, call: Option<usize>, difference: Difference) {
        let weight = self.weight(row, difference);
        if weight == Weight::Text && self.first_text.is_none() {
            self.first_text = call;
        }
        if self.found.as_ref().is_some_and(|found| found.weight <= weight) {
            return;
        }
        // Looked for here alone, since it is a walk over all that was removed.
        let replacement = self.replacement(row).filter(|_| difference == Difference::Removed);
        let difference = replacement.map_or(difference, Difference::Replaced);
        let asked = self.asked.filter(|asked| weight == Weight::Step && asked.row != row);
        let first_text = self.first_text.filter(|text| asked.is_some_and(|it| *text < it.call));
        let same_calls = self.calls - usize::from(call.is_some());
        self.found =
            Some(Departure { row, call, same_calls, weight, difference, asked, first_text });
    }

    fn weight(&self, row: usize, difference: Difference) -> Weight {
        let (side, node) = self.rows[row].newest();
        let kind = self.sides[side].title(node).0;
        match (kind, difference) {
            ("llm", Difference::Changed(Change::Input | Change::Output))
            | ("agent", Difference::Changed(Change::Output)) => Weight::Text,
            ("llm" | "tool" | "agent", _) => Weight::Step,
            _ => Weight::Other,
        }
    }

    /// Returns the row of the call that stands in the place of a removed one.
    fn replacement(&self, row: usize) -> Option<usize> {
        let behind = self.rows[row..].iter();
        let removed = behind.take_while(|row| matches!(row, DiffRow::Removed { .. })).count();
        let next = self.rows.get(row + removed)?;
        let DiffRow::Added { b } = next else { return None };
        let is_beside = next.depth(self.sides) == self.rows[row].depth(self.sides);
        (is_beside && self.sides[1].is_call(*b)).then_some(row + removed)
    }
}
