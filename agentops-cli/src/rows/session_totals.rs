//! Totals of a session.

use super::{roll_up::RollUp, span_tree::SpanTree};

/// Time and sums of a session, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SessionTotals {
    /// First start and last end, in nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) sums: RollUp,
}

impl SessionTotals {
    /// Adds up a node with all below it, or all roots: a broken trace may have several.
    pub(crate) fn new(tree: &SpanTree, sums: &[RollUp], top: Option<usize>) -> Self {
        let tops: Vec<_> = top.map_or_else(|| tree.children(None).collect(), |top| vec![top]);
        let mut totals = Self { start: u64::MAX, end: 0, sums: RollUp::default() };
        for top in tops {
            let node = tree.nodes()[top];
            totals.start = totals.start.min(node.start);
            totals.end = totals.end.max(node.end);
            totals.sums.add(&sums[top]);
        }
        totals
    }

    /// Returns the time from the first start to the last end, in nanoseconds.
    pub(crate) fn time(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}
