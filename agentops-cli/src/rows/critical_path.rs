//! Critical path of a session: at each moment the span that the session's end waited for.
//!
//! It is found from the end backwards. In a span, the child that ended last before the moment is on the path, from its
//! start to its end; before and after it the span itself is.

use std::collections::BTreeMap;

use super::span_tree::SpanTree;
use crate::store::SpanTable;

/// Time that spans of a kind take on the critical path, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KindTime {
    pub(crate) kind: String,
    pub(crate) time: u64,
}

/// Critical path of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CriticalPath {
    /// Nanoseconds that each node itself is on the path.
    pub(crate) nodes: Vec<u64>,
    /// Time by kind, the longest first.
    pub(crate) kinds: Vec<KindTime>,
}

/// Returns the critical path.
pub(crate) fn critical_path(table: &SpanTable, tree: &SpanTree) -> CriticalPath {
    let nodes = time_of_nodes(tree);
    let kinds = time_of_kinds(table, tree, &nodes);
    CriticalPath { nodes, kinds }
}

fn time_of_kinds(table: &SpanTable, tree: &SpanTree, times_of_nodes: &[u64]) -> Vec<KindTime> {
    let mut times = BTreeMap::new();
    for (node, time) in times_of_nodes.iter().enumerate().filter(|(_, time)| **time > 0) {
        let row = tree.nodes()[node].row.map(|row| &table.rows()[row]);
        let kind = row.map_or("span", |row| table.text(row.kind));
        *times.entry(kind).or_insert(0) += time;
    }
    let mut times: Vec<_> =
        times.into_iter().map(|(kind, time)| KindTime { kind: kind.to_owned(), time }).collect();
    times.sort_by_key(|of_kind| std::cmp::Reverse(of_kind.time));
    times
}

/// Returns the nanoseconds that each node is on the path of the first root.
fn time_of_nodes(tree: &SpanTree) -> Vec<u64> {
    let nodes = tree.nodes();
    let mut times = vec![0; nodes.len()];
    let mut by_end = children_by_end(tree);
    // Parts of spans that are still to be walked, backwards from their end.
    let root = nodes.first().map(|root| (0, root.start, root.end));
    let mut parts: Vec<_> = root.into_iter().collect();
    while let Some((node, from, until)) = parts.pop() {
        let ended = std::iter::from_fn(|| by_end[node].pop())
            .find(|(child, end)| *end <= until && nodes[*child].start.max(from) < *end);
        let Some((child, end)) = ended else {
            times[node] += until.saturating_sub(from);
            continue;
        };
        times[node] += until - end;
        let start = nodes[child].start.max(from);
        parts.push((node, from, start));
        parts.push((child, start, end));
    }
    times
}

/// Returns the children of each node in the order of their ends. A child that outlasts its parent ends with it here.
fn children_by_end(tree: &SpanTree) -> Vec<Vec<(usize, u64)>> {
    let nodes = tree.nodes();
    let mut children = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            children[parent].push((index, node.end.min(nodes[parent].end)));
        }
    }
    children.iter_mut().for_each(|children| children.sort_by_key(|(_, end)| *end));
    children
}
