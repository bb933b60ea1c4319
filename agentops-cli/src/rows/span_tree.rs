//! Tree of the spans of a session, in the order in which it is drawn.
//!
//! A trace from outside may be anything: parents that are missing, the same id twice, spans that are each other's
//! parents, a chain of ten thousand. Nothing here recurses, and each span stands in the tree once.

use std::collections::HashMap;

use crate::store::{SpanId, SpanRow, SpanTable};

/// Node of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeNode {
    /// Index of the row; `None` for a span that is known only as a parent, such as one that still runs.
    pub(crate) row: Option<usize>,
    pub(crate) id: SpanId,
    /// Index of the parent in the tree, which is smaller than that of the node.
    pub(crate) parent: Option<usize>,
    pub(crate) depth: usize,
    /// Number of nodes of the subtree, with this one. The subtree follows the node without a gap.
    pub(crate) size: usize,
    /// Start and end, in nanoseconds since 1970; of a span without a row, those of its children together.
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Spans of a session: parents before their children, siblings in the order of their start.
#[derive(Debug, Default)]
pub(crate) struct SpanTree {
    nodes: Vec<TreeNode>,
    /// Number of rows whose id a later row has, too.
    replaced: usize,
}

impl SpanTree {
    /// Builds the tree of a table.
    pub(crate) fn new(table: &SpanTable) -> Self {
        let draft = Draft::new(table.rows());
        let replaced =
            table.rows().len() - draft.nodes.iter().filter(|node| node.row.is_some()).count();
        Self { nodes: draft.in_order(), replaced }
    }

    /// Returns the nodes.
    pub(crate) fn nodes(&self) -> &[TreeNode] {
        &self.nodes
    }

    /// Returns the nodes by the places of their spans in the file: offset and number in the line.
    pub(crate) fn by_place(&self, table: &SpanTable) -> HashMap<(u64, u32), usize> {
        let place = |(node, TreeNode { row, .. }): (usize, &TreeNode)| {
            let place = table.rows()[(*row)?].place;
            Some(((place.offset, place.index), node))
        };
        self.nodes.iter().enumerate().filter_map(place).collect()
    }

    /// Returns the number of rows that are left out, since a later row has the same id.
    pub(crate) fn replaced(&self) -> usize {
        self.replaced
    }

    /// Returns the indexes of the children of a node, or of the roots.
    pub(crate) fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let (mut next, end) = match parent {
            Some(parent) => (parent + 1, parent + self.nodes[parent].size),
            None => (0, self.nodes.len()),
        };
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next += self.nodes[child].size;
            Some(child)
        })
    }
}

/// Nodes before they are in order.
struct Draft {
    nodes: Vec<DraftNode>,
}

struct DraftNode {
    row: Option<usize>,
    id: SpanId,
    parent: Option<usize>,
    start: u64,
    end: u64,
}

impl Draft {
    fn new(rows: &[SpanRow]) -> Self {
        let mut by_id = HashMap::with_capacity(rows.len());
        // Of several rows with one id the last one counts: it was written when more was known.
        rows.iter().enumerate().for_each(|(index, row)| _ = by_id.insert(row.id, index));
        let is_last = |(index, row): &(usize, &SpanRow)| by_id[&row.id] == *index;
        let kept: Vec<_> = rows.iter().enumerate().filter(is_last).collect();
        let mut draft = Self { nodes: Vec::with_capacity(kept.len()) };
        let mut positions = HashMap::with_capacity(kept.len());
        for (index, row) in &kept {
            positions.insert(row.id, draft.nodes.len());
            let SpanRow { id, start, end, .. } = **row;
            draft.nodes.push(DraftNode { row: Some(*index), id, parent: None, start, end });
        }
        for (position, (_, row)) in kept.iter().enumerate() {
            if let Some(parent) = row.parent {
                let parent = *positions.entry(parent).or_insert_with(|| draft.add_unknown(parent));
                draft.nodes[position].parent = Some(parent);
            }
        }
        // After those above, so that the order of the rows does not tell which parents are here.
        for (position, (_, row)) in kept.iter().enumerate() {
            if let Some(parent) = row.remote_parent.and_then(|parent| positions.get(&parent)) {
                draft.nodes[position].parent = Some(*parent);
            }
        }
        draft.place_unknown(kept.len());
        draft
    }

    fn add_unknown(&mut self, id: SpanId) -> usize {
        self.nodes.push(DraftNode { row: None, id, parent: None, start: u64::MAX, end: 0 });
        self.nodes.len() - 1
    }

    /// Gives the unknown spans the time of their children, and the root as their parent if there is one.
    fn place_unknown(&mut self, known: usize) {
        let mut roots = (0..known).filter(|node| self.nodes[*node].parent.is_none());
        let root = roots.next().filter(|_| roots.next().is_none());
        for node in 0..known {
            let DraftNode { parent, start, end, .. } = self.nodes[node];
            if let Some(parent) = parent.filter(|parent| *parent >= known) {
                let parent = &mut self.nodes[parent];
                (parent.start, parent.end) = (parent.start.min(start), parent.end.max(end));
            }
        }
        self.nodes[known..].iter_mut().for_each(|unknown| unknown.parent = root);
    }

    /// Returns the nodes in the order of the tree. Where parents form a circle, the earliest span becomes a root.
    fn in_order(mut self) -> Vec<TreeNode> {
        let children = self.children();
        let mut ordered = Vec::with_capacity(self.nodes.len());
        let mut is_placed = vec![false; self.nodes.len()];
        let mut roots: Vec<_> = (0..self.nodes.len()).collect();
        roots.sort_by_key(|node| (self.nodes[*node].parent.is_some(), self.key(*node)));
        for root in roots {
            if is_placed[root] {
                continue;
            }
            self.nodes[root].parent = None;
            let mut next = vec![(root, None)];
            while let Some((node, parent)) = next.pop() {
                if std::mem::replace(&mut is_placed[node], true) {
                    continue;
                }
                let place = ordered.len();
                ordered.push(self.placed(node, parent, &ordered));
                next.extend(children[node].iter().rev().map(|child| (*child, Some(place))));
            }
        }
        add_sizes(&mut ordered);
        ordered
    }

    fn placed(&self, node: usize, parent: Option<usize>, ordered: &[TreeNode]) -> TreeNode {
        let DraftNode { row, id, start, end, .. } = self.nodes[node];
        let depth = parent.map_or(0, |parent| ordered[parent].depth + 1);
        TreeNode { row, id, parent, depth, size: 1, start, end }
    }

    /// Returns the children of each node in the order of their start.
    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (node, DraftNode { parent, .. }) in self.nodes.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(node);
            }
        }
        children.iter_mut().for_each(|list| list.sort_by_key(|node| self.key(*node)));
        children
    }

    /// Returns the order of siblings: by start, and what ended last first, since it may be around the others.
    fn key(&self, node: usize) -> (u64, std::cmp::Reverse<u64>, usize) {
        let DraftNode { start, end, .. } = self.nodes[node];
        (start, std::cmp::Reverse(end), node)
    }
}

fn add_sizes(nodes: &mut [TreeNode]) {
    for node in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[node].parent {
            nodes[parent].size += nodes[node].size;
        }
    }
}
