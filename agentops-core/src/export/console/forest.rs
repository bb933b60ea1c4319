//! Ended spans of a session, folded as soon as they are many.

use std::collections::{HashMap, HashSet};

use opentelemetry::trace::SpanId;

use super::{
    cut::{Room, cut},
    fold::{Fold, fold},
    groups::Groups,
    node::Node,
};

/// Maximum number of nodes; one more, and they are folded and cut.
const MAX_NODES: usize = 2_000;

/// Size after that. As it is half, a span costs a constant number of foldings on average.
const LEFT: Room = Room { lines: MAX_NODES / 2, levels: usize::MAX };

/// Spans of a session as nodes, in bounded memory.
///
/// At most 2,000 nodes are kept. When there are more, runs of equal siblings are folded, and if more than half of the
/// nodes is left, the deepest are only counted, as in a drawing that is too long (`cut`). A span that ends after its
/// parent has been folded or cut is drawn below the root. Errors do not depend on it: `Failures` keeps them apart.
#[derive(Debug, Default)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    /// Number of spans that are neither nodes nor counted by one.
    hidden: usize,
}

impl Forest {
    pub(super) fn add(&mut self, node: Node) {
        self.nodes.push(node);
        if self.nodes.len() > MAX_NODES {
            self.shrink(LEFT);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns the ids of a span and of its descendants.
    pub(super) fn part(&self, root: SpanId) -> HashSet<SpanId> {
        let groups = Groups::of(&self.nodes);
        let (mut part, mut waiting) = (HashSet::new(), vec![root]);
        while let Some(id) = waiting.pop() {
            if part.insert(id) {
                waiting.extend(groups.below(id).iter().map(|index| self.nodes[*index].id));
            }
        }
        part
    }

    /// Removes a part, and what is counted outside of any part.
    pub(super) fn take(&mut self, part: &HashSet<SpanId>) -> Self {
        let nodes = std::mem::take(&mut self.nodes);
        let (nodes, left) = nodes.into_iter().partition(|node| part.contains(&node.id));
        self.nodes = left;
        Self { nodes, hidden: std::mem::take(&mut self.hidden) }
    }

    /// Returns the names of a span and its ancestors, the nearest first.
    pub(super) fn path(&self, id: SpanId) -> Vec<&str> {
        let nodes: HashMap<_, _> = self.nodes.iter().map(|node| (node.id, node)).collect();
        let (mut path, mut next) = (Vec::new(), id);
        while let Some(node) = nodes.get(&next).filter(|_| path.len() < nodes.len()) {
            path.push(node.name.as_str());
            next = node.parent;
        }
        path
    }

    /// Folds and cuts the nodes below the root until they fit. Returns them in the order of their start.
    ///
    /// Spans with an unknown parent come below the root. Without a root, there is nothing to draw.
    pub(super) fn drawable(mut self, room: Room) -> Option<Vec<Node>> {
        self.nodes.sort_by_key(|node| node.start);
        let root = self.nodes.iter().position(|node| node.parent == SpanId::INVALID)?;
        let root = self.nodes.remove(root);
        let known: HashSet<_> = self.nodes.iter().map(|node| node.id).collect();
        let orphans = self.nodes.iter_mut().filter(|node| !known.contains(&node.parent));
        orphans.for_each(|node| node.parent = root.id);
        let hidden = std::mem::take(&mut self.hidden);
        self.nodes.insert(0, Node { hidden: root.hidden + hidden, ..root });
        self.shrink(room);
        Some(self.nodes)
    }

    /// Folds runs of leaves, then also runs of equal subtrees if that is not enough, and at last cuts.
    fn shrink(&mut self, room: Room) {
        self.nodes.sort_by_key(|node| node.start);
        fold(&mut self.nodes, Fold::Leaves);
        if !room.fits(&self.nodes) {
            fold(&mut self.nodes, Fold::Shapes);
        }
        if !room.fits(&self.nodes) {
            self.hidden += cut(&mut self.nodes, room);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::fixtures::span;

    const SCREENFUL: Room = Room { lines: 39, levels: 14 };

    fn node(id: u64, parent: u64, name: &str) -> Node {
        let start = SystemTime::UNIX_EPOCH + Duration::from_millis(id);
        let (id, parent) = (SpanId::from(id), SpanId::from(parent));
        Node { id, parent, start, name: name.to_owned(), ..Node::of(&span(0, "")) }
    }

    /// Adds nodes. Returns the highest number that were kept at the same time.
    fn add(forest: &mut Forest, nodes: impl Iterator<Item = Node>) -> Option<usize> {
        nodes
            .map(|node| {
                forest.add(node);
                forest.nodes.len()
            })
            .max()
    }

    fn spans(nodes: &[Node]) -> usize {
        nodes.iter().map(|node| node.count + node.hidden).sum()
    }

    #[test]
    fn spans_beyond_the_bound_are_counted() {
        let mut forest = Forest::default();
        let below_agents = (1_000..21_000).map(|id| node(id, 2 + id % 100, &format!("step {id}")));
        assert_eq!(add(&mut forest, below_agents), Some(MAX_NODES));
        let agents = (2..102).map(|id| node(id, 1, &format!("agent {id}")));
        add(&mut forest, agents.chain([node(1, 0, "run")]));
        let drawn = forest.drawable(SCREENFUL).unwrap();
        assert_eq!((drawn.len(), drawn[0].hidden > 0, spans(&drawn)), (38, true, 20_101));
    }

    #[test]
    fn equal_spans_are_never_beyond_the_bound() {
        let mut forest = Forest::default();
        add(&mut forest, (1_000..21_000).map(|id| node(id, 2, "step")));
        add(&mut forest, [node(2, 1, "agent"), node(1, 0, "run")].into_iter());
        let drawn = forest.drawable(SCREENFUL).unwrap();
        let lines: Vec<_> = drawn.iter().map(|node| (node.count, node.hidden)).collect();
        assert_eq!(lines, [(1, 0), (1, 0), (20_000, 0)]);
    }

    #[test]
    fn failed_spans_outlive_the_others() {
        let mut forest = Forest::default();
        let failed = Node { error: Some("refused".to_owned()), ..node(5_000, 1, "pay") };
        let steps = |ids: std::ops::Range<u64>| ids.map(|id| node(id, 1, &format!("step {id}")));
        add(&mut forest, steps(2..5_000).chain([failed]).chain(steps(5_001..9_000)));
        add(&mut forest, [node(1, 0, "run")].into_iter());
        let drawn = forest.drawable(SCREENFUL).unwrap();
        let names: Vec<_> = drawn.iter().map(|node| node.name.as_str()).collect();
        assert_eq!((names.len(), names[36], names[37]), (38, "step 37", "pay"));
        assert_eq!(spans(&drawn), 8_999);
    }

    #[test]
    fn part_is_taken_with_its_descendants() {
        let mut forest = Forest::default();
        let nodes = [node(3, 2, "a"), node(2, 0, "one"), node(5, 4, "b"), node(4, 0, "two")];
        add(&mut forest, nodes.into_iter());
        let part = forest.take(&forest.part(SpanId::from(2)));
        let names =
            |forest: &Forest| forest.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
        assert_eq!([names(&part), names(&forest)], [["a", "one"], ["b", "two"]]);
        assert_eq!(part.path(SpanId::from(3)), ["a", "one"]);
    }
}
