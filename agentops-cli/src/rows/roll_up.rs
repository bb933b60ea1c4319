//! Sums of a span and of everything below it.
//!
//! Tokens and cost are those of the same spans: every model call with its tokens, every model call and tool with its
//! cost. These are the rules by which the library adds a session up, so that the sum of the root is what the root
//! itself records.

use super::span_tree::SpanTree;
use crate::store::{SpanRow, SpanTable};

/// Sums of a span and of everything below it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct RollUp {
    pub(crate) spans: u64,
    pub(crate) llm_calls: u64,
    pub(crate) tool_calls: u64,
    /// `None` if no call has a known number.
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) cached_tokens: Option<u64>,
    /// Cost in US dollars; `None` if no call has a known cost.
    pub(crate) cost: Option<f64>,
    /// Number of failures; an error that is passed up counts once.
    pub(crate) errors: u64,
}

impl RollUp {
    /// Returns those of a span alone, without its error.
    pub(crate) fn of_row(table: &SpanTable, row: &SpanRow) -> Self {
        let kind = table.text(row.kind);
        let (is_llm, is_tool) = (kind == "llm", kind == "tool");
        let tokens = if is_llm { row.tokens } else { Default::default() };
        Self {
            spans: 1,
            llm_calls: u64::from(is_llm),
            tool_calls: u64::from(is_tool),
            input_tokens: tokens.input,
            output_tokens: tokens.output,
            cached_tokens: tokens.cached,
            cost: row.cost.filter(|usd| (is_llm || is_tool) && usd.is_finite() && *usd >= 0.0),
            errors: 0,
        }
    }

    /// Adds the sums of other spans.
    pub(crate) fn add(&mut self, other: &Self) {
        self.spans += other.spans;
        self.llm_calls += other.llm_calls;
        self.tool_calls += other.tool_calls;
        self.input_tokens = sum(self.input_tokens, other.input_tokens);
        self.output_tokens = sum(self.output_tokens, other.output_tokens);
        self.cached_tokens = sum(self.cached_tokens, other.cached_tokens);
        self.cost = self.cost.into_iter().chain(other.cost).reduce(|sum, usd| sum + usd);
        self.errors += other.errors;
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).reduce(u64::saturating_add)
}

/// Returns the sums of each node of a tree.
pub(crate) fn roll_up(table: &SpanTable, tree: &SpanTree) -> Vec<RollUp> {
    let mut sums: Vec<_> = (0..tree.nodes().len()).map(|node| own(table, tree, node)).collect();
    for node in (0..sums.len()).rev() {
        if let Some(parent) = tree.nodes()[node].parent {
            let below = sums[node];
            sums[parent].add(&below);
        }
    }
    sums
}

fn own(table: &SpanTable, tree: &SpanTree, node: usize) -> RollUp {
    let Some(row) = tree.nodes()[node].row.map(|row| &table.rows()[row]) else {
        return RollUp::default();
    };
    // A session's own span never counts: its state tells.
    let counts = row.error.is_some() && table.text(row.kind) != "session";
    let errors = u64::from(counts && is_origin(table, tree, node));
    RollUp { errors, ..RollUp::of_row(table, row) }
}

/// Returns `true` if a failed span is where its error arose: no child of it has failed, or the program recovered
/// from that failure and then met another one.
fn is_origin(table: &SpanTable, tree: &SpanTree, node: usize) -> bool {
    let row = |node: usize| tree.nodes()[node].row.map(|row| &table.rows()[row]);
    let message = row(node).and_then(|row| row.error).map_or("", |error| table.text(error));
    let children = || tree.children(Some(node)).filter_map(row);
    let failed = || children().filter_map(|child| Some((child, table.text(child.error?))));
    let Some(last) = failed().map(|(child, _)| child.end).max() else { return true };
    let went_on = children().any(|child| child.error.is_none() && child.start >= last);
    went_on && !failed().any(|(_, error)| !error.is_empty() && message.contains(error))
}
