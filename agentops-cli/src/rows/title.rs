//! Title of a node: what a person calls its span.

use super::span_tree::SpanTree;
use crate::store::SpanTable;

/// Returns kind and name of a node. A span that is known only as a parent is mostly an agent, which its children name.
pub(crate) fn title<'t>(table: &'t SpanTable, tree: &SpanTree, node: usize) -> (&'t str, &'t str) {
    let row = |node: usize| tree.nodes()[node].row.map(|row| &table.rows()[row]);
    if let Some(row) = row(node) {
        return (table.text(row.kind), table.text(row.name));
    }
    let agent = tree.children(Some(node)).filter_map(row).find_map(|child| child.agent);
    agent.map_or(("span", "–"), |agent| ("agent", table.text(agent)))
}
