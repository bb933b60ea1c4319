//! Session as the documents show it: its spans as a tree.

use super::opened_sessions::OpenedSession;
use crate::{
    rows::{SpanTree, title},
    store::{FileSpans, ScoreList, SessionSummary, SpanId, SpanRow, SpanTable},
};

/// Session that a document shows.
pub(super) struct SessionView<'s> {
    pub(super) summary: &'s SessionSummary,
    pub(super) spans: &'s FileSpans,
    pub(super) program: Option<&'s str>,
    pub(super) scores: &'s ScoreList,
    pub(super) tree: SpanTree,
}

impl<'s> SessionView<'s> {
    /// Creates the view of a session.
    pub(super) fn new(summary: &'s SessionSummary, opened: &'s OpenedSession) -> Self {
        let OpenedSession { spans, program, scores, .. } = opened;
        let tree = SpanTree::new(&spans.table);
        Self { summary, spans, program: program.as_deref(), scores, tree }
    }

    pub(super) fn table(&self) -> &'s SpanTable {
        &self.spans.table
    }

    /// Returns the row of a node; `None` for a span that is known only as a parent.
    pub(super) fn row(&self, node: usize) -> Option<&'s SpanRow> {
        self.tree.nodes()[node].row.map(|row| &self.table().rows()[row])
    }

    /// Returns kind and name of a node.
    pub(super) fn title(&self, node: usize) -> (&'s str, &'s str) {
        title(self.table(), &self.tree, node)
    }
}

/// Returns the row of a span; of several with one id the last, as in the tree.
pub(super) fn row_of(table: &SpanTable, id: SpanId) -> Option<&SpanRow> {
    table.rows().iter().rfind(|row| row.id == id)
}
