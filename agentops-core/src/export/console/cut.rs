//! Cutting of a tree that is too long or too deep.

use std::collections::HashMap;

use opentelemetry::trace::SpanId;

use super::{groups::Groups, node::Node};

/// Size of what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Maximum number of lines. Siblings of which some are left out take one more, which counts these.
    pub(super) lines: usize,
    /// Maximum number of levels.
    pub(super) levels: usize,
}

impl Room {
    /// Returns `true` if all nodes can be drawn.
    pub(super) fn fits(self, nodes: &[Node]) -> bool {
        let groups = Groups::of(nodes);
        let deepest = groups.levels.last().map_or(0, |(_, depth)| depth + 1);
        let partial =
            nodes.iter().filter(|node| node.hidden > 0 && !groups.below(node.id).is_empty());
        deepest <= self.levels && nodes.len() + partial.count() <= self.lines
    }
}

/// Removes nodes until the others fit; their parents count them. Returns the number of spans whose parent has no node.
///
/// Kept are first, in at most half of the lines, the failed spans with their ancestors, in the order of their start.
/// The rest is kept by level, siblings in the order of their start, so that the top of the tree stays whole.
pub(super) fn cut(nodes: &mut Vec<Node>, room: Room) -> usize {
    let groups = Groups::of(nodes);
    let mut cut = Cut::new(nodes, &groups, room);
    cut.keep_failed(room.lines / 2);
    cut.keep_levels();
    let kept = cut.kept;
    count_hidden(nodes, &groups, kept)
}

struct Cut<'a> {
    nodes: &'a [Node],
    groups: &'a Groups,
    /// Index of the parent of each node that can be reached, and its depth.
    places: Vec<Option<Place>>,
    kept: Vec<bool>,
    /// Number of kept nodes below each parent.
    kept_below: HashMap<SpanId, usize>,
    room: Room,
    lines: usize,
}

#[derive(Clone, Copy)]
struct Place {
    parent: Option<usize>,
    depth: usize,
}

impl<'a> Cut<'a> {
    fn new(nodes: &'a [Node], groups: &'a Groups, room: Room) -> Self {
        let places = places(nodes, groups);
        let kept = vec![false; nodes.len()];
        Self { nodes, groups, places, kept, kept_below: HashMap::new(), room, lines: 0 }
    }

    fn keep_failed(&mut self, lines: usize) {
        let nodes = self.nodes;
        for (index, _) in nodes.iter().enumerate().filter(|(_, node)| node.error.is_some()) {
            let path = self.path(index);
            let cost: usize = path.iter().map(|index| self.cost(*index)).sum();
            let is_drawn = self.places[index].is_some_and(|it| it.depth < self.room.levels);
            if is_drawn && self.lines + cost <= lines {
                path.into_iter().for_each(|index| self.keep(index));
            }
        }
    }

    fn keep_levels(&mut self) {
        for (index, depth) in &self.groups.levels {
            let parent = self.places[*index].and_then(|it| it.parent);
            let is_open = *depth < self.room.levels
                && !self.kept[*index]
                && parent.is_none_or(|parent| self.kept[parent]);
            if is_open && self.lines + self.cost(*index) <= self.room.lines {
                self.keep(*index);
            }
        }
    }

    /// Returns a node and its ancestors as far as they are not kept yet.
    fn path(&self, index: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut next = self.places[index].map(|_| index);
        while let Some(index) = next.filter(|index| !self.kept[*index]) {
            path.push(index);
            next = self.places[index].and_then(|it| it.parent);
        }
        path
    }

    fn keep(&mut self, index: usize) {
        self.lines += self.cost(index);
        *self.kept_below.entry(self.nodes[index].parent).or_default() += 1;
        self.kept[index] = true;
    }

    /// Returns the lines that a node takes: the last of its siblings that is kept needs no line that counts it.
    fn cost(&self, index: usize) -> usize {
        let parent = self.nodes[index].parent;
        let kept = self.kept_below.get(&parent).copied().unwrap_or_default();
        let hidden =
            self.places[index].and_then(|it| it.parent).map_or(0, |it| self.nodes[it].hidden);
        let all = self.groups.below(parent).len() + usize::from(hidden > 0);
        let lines = |kept: usize| kept + usize::from(kept > 0 && kept < all);
        lines(kept + 1) - lines(kept)
    }
}

fn places(nodes: &[Node], groups: &Groups) -> Vec<Option<Place>> {
    let mut places = vec![None; nodes.len()];
    let mut indices = HashMap::new();
    for (index, _) in &groups.levels {
        // The first of two spans with the same id is the one that was walked.
        indices.entry(nodes[*index].id).or_insert(*index);
    }
    for (index, depth) in &groups.levels {
        let parent = indices.get(&nodes[*index].parent).copied().filter(|_| *depth > 0);
        places[*index] = Some(Place { parent, depth: *depth });
    }
    places
}

/// Removes the nodes that are not kept, and adds their number to their parents.
fn count_hidden(nodes: &mut Vec<Node>, groups: &Groups, kept: Vec<bool>) -> usize {
    let places = places(nodes, groups);
    let mut without_parent = 0;
    for (index, _) in groups.levels.iter().rev().filter(|(index, _)| !kept[*index]) {
        let spans = nodes[*index].count + nodes[*index].hidden;
        match places[*index].and_then(|it| it.parent) {
            Some(parent) => nodes[parent].hidden += spans,
            None => without_parent += spans,
        }
    }
    let mut kept = kept.into_iter();
    nodes.retain(|_| kept.next().unwrap_or_default());
    without_parent
}
