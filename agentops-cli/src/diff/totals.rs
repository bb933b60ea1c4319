//! Totals of a session.

use super::diff_side::DiffSide;
use crate::rows::RollUp;

/// Totals of a session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Totals {
    /// Time from the first start to the last end of a root, in nanoseconds.
    pub(crate) time: u64,
    pub(crate) sums: RollUp,
}

impl Totals {
    /// Adds up a session.
    pub(crate) fn of(side: &DiffSide<'_>) -> Self {
        let roots = || side.tree.children(None).map(|root| side.tree.nodes()[root]);
        let start = roots().map(|root| root.start).min().unwrap_or_default();
        let end = roots().map(|root| root.end).max().unwrap_or_default();
        let mut sums = RollUp::default();
        side.tree.children(None).for_each(|root| sums.add(&side.sums[root]));
        Self { time: end.saturating_sub(start), sums }
    }
}
