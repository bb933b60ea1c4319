//! Spans by their parent.

use std::collections::{HashMap, HashSet, VecDeque};

use opentelemetry::trace::SpanId;

use super::node::Node;

/// Siblings of a list of nodes, and their order by level. A chain of 10,000 spans is walked without recursion.
#[derive(Debug)]
pub(super) struct Groups {
    /// Indices of siblings by their parent, which need not be a node.
    siblings: HashMap<SpanId, Vec<usize>>,
    /// Parents by level: those that are no nodes first.
    pub(super) parents: Vec<SpanId>,
    /// Indices of nodes by level, and their depth. Nodes that are their own ancestors are not among them.
    pub(super) levels: Vec<(usize, usize)>,
}

impl Groups {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let known: HashSet<_> = nodes.iter().map(|node| node.id).collect();
        let (mut siblings, mut waiting) = (HashMap::<_, Vec<_>>::new(), VecDeque::new());
        for (index, node) in nodes.iter().enumerate() {
            let group = siblings.entry(node.parent).or_default();
            if group.is_empty() && !known.contains(&node.parent) {
                waiting.push_back((node.parent, 0));
            }
            group.push(index);
        }
        let mut groups = Self { siblings, parents: Vec::new(), levels: Vec::new() };
        groups.walk(nodes, waiting);
        groups
    }

    fn walk(&mut self, nodes: &[Node], mut waiting: VecDeque<(SpanId, usize)>) {
        // Two spans may claim the same id.
        let mut walked = HashSet::new();
        while let Some((parent, depth)) = waiting.pop_front() {
            let Some(group) = self.siblings.get(&parent).filter(|_| walked.insert(parent)) else {
                continue;
            };
            self.parents.push(parent);
            self.levels.extend(group.iter().map(|index| (*index, depth)));
            waiting.extend(group.iter().map(|index| (nodes[*index].id, depth + 1)));
        }
    }

    /// Returns the children of a span in the order of the nodes.
    pub(super) fn below(&self, parent: SpanId) -> &[usize] {
        self.siblings.get(&parent).map_or(&[], Vec::as_slice)
    }

    /// Replaces the children of a span.
    pub(super) fn replace(&mut self, parent: SpanId, children: Vec<usize>) {
        self.siblings.insert(parent, children);
    }
}
