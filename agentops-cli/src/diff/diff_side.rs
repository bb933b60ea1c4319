//! One of the two sessions that are compared.

use super::content_digest::{ContentDigest, hash_one};
use crate::{
    rows::{RollUp, SessionTotals, SpanTree, TreeNode},
    store::{SpanPlace, SpanRow, SpanTable, StoreError},
};

/// Session that is compared.
pub(crate) struct DiffSide<'s> {
    pub(crate) table: &'s SpanTable,
    pub(crate) tree: &'s SpanTree,
    /// Sums of each node of the tree.
    pub(crate) sums: Vec<RollUp>,
    /// Digest of each row of the table.
    pub(crate) digests: &'s [ContentDigest],
    /// Source of the texts of the span at a place.
    pub(crate) texts: &'s dyn Fn(SpanPlace) -> Result<NodeTexts, StoreError>,
}

/// Input and output of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeTexts {
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
}

/// Properties of a span by which it is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SpanKey {
    /// Hash of kind and name.
    pub(super) title: u64,
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) sketch: [u8; 8],
    /// Number of spans of the subtree.
    pub(super) size: usize,
}

impl DiffSide<'_> {
    /// Returns the row of a node; `None` for a span that is known only as a parent.
    pub(crate) fn row(&self, node: usize) -> Option<&SpanRow> {
        self.tree.nodes()[node].row.map(|row| &self.table.rows()[row])
    }

    /// Returns kind and name of a node.
    pub(crate) fn title(&self, node: usize) -> (&str, &str) {
        match self.row(node) {
            Some(row) => (self.table.text(row.kind), self.table.text(row.name)),
            None => ("span", "(not ended)"),
        }
    }

    /// Returns the model of a node.
    pub(crate) fn model(&self, node: usize) -> Option<&str> {
        self.row(node).and_then(|row| row.model).map(|model| self.table.text(model))
    }

    /// Returns the message of the error of a node.
    pub(crate) fn error(&self, node: usize) -> Option<&str> {
        self.row(node).and_then(|row| row.error).map(|error| self.table.text(error))
    }

    /// Returns a word for the end of a node. That it was late is a matter of time, and no difference.
    pub(crate) fn end(&self, node: usize) -> &'static str {
        match self.row(node) {
            Some(row) if row.marks.is_cancelled => "cancelled",
            Some(row) if row.marks.is_unfinished => "unfinished",
            Some(_) => "ended",
            None => "not ended",
        }
    }

    /// Returns `true` for a call of a model, a tool or an agent.
    pub(super) fn is_call(&self, node: usize) -> bool {
        matches!(self.title(node).0, "llm" | "tool" | "agent")
    }

    /// Returns the totals of the session.
    pub(crate) fn totals(&self) -> SessionTotals {
        SessionTotals::new(self.tree, &self.sums, None)
    }

    pub(super) fn digest(&self, node: usize) -> ContentDigest {
        let row = self.tree.nodes()[node].row;
        row.and_then(|row| self.digests.get(row)).copied().unwrap_or_default()
    }

    /// Reads the texts of a node.
    pub(crate) fn texts(&self, node: usize) -> Result<NodeTexts, StoreError> {
        self.row(node).map_or_else(|| Ok(NodeTexts::default()), |row| (self.texts)(row.place))
    }

    /// Returns the key of each node.
    pub(super) fn keys(&self) -> Vec<SpanKey> {
        let key = |(node, place): (usize, &TreeNode)| {
            let ContentDigest { input, output, sketch } = self.digest(node);
            let title = hash_one("title", self.title(node));
            SpanKey { title, input, output, sketch, size: place.size }
        };
        self.tree.nodes().iter().enumerate().map(key).collect()
    }
}
