//! Folding of runs of equal siblings.

use std::hash::{DefaultHasher, Hash, Hasher};

use opentelemetry::trace::SpanId;

use super::{groups::Groups, node::Node};

/// Spans that are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// Runs of spans that have none below them.
    Leaves,
    /// Also runs of spans whose descendants are equal when folded: these become runs, too.
    Shapes,
}

/// Folds runs of siblings with the same kind, name, model and outcome into their first. Nodes are in the order of
/// their start.
pub(super) fn fold(nodes: &mut Vec<Node>, rule: Fold) {
    let groups = Groups::of(nodes);
    let count = nodes.len();
    let mut folding =
        Folding { nodes, groups, rule, shapes: vec![0; count], gone: vec![false; count] };
    // From the deepest level up: descendants are folded before they are compared.
    for at in (0..folding.groups.parents.len()).rev() {
        folding.fold_siblings(folding.groups.parents[at]);
    }
    let mut gone = folding.gone.into_iter();
    nodes.retain(|_| !gone.next().unwrap_or_default());
}

struct Folding<'a> {
    nodes: &'a mut Vec<Node>,
    groups: Groups,
    rule: Fold,
    /// Hash of each folded node with its descendants.
    shapes: Vec<u64>,
    gone: Vec<bool>,
}

impl Folding<'_> {
    fn fold_siblings(&mut self, parent: SpanId) {
        let mut kept: Vec<usize> = Vec::new();
        for index in self.groups.below(parent).to_vec() {
            self.shapes[index] = self.shape(index);
            match kept.last() {
                Some(run) if self.may_join(*run, index) => self.join(*run, index),
                _ => kept.push(index),
            }
        }
        self.groups.replace(parent, kept);
    }

    fn below(&self, index: usize) -> &[usize] {
        self.groups.below(self.nodes[index].id)
    }

    fn shape(&self, index: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.nodes[index].sameness().hash(&mut hasher);
        self.below(index).iter().for_each(|child| self.shapes[*child].hash(&mut hasher));
        hasher.finish()
    }

    fn may_join(&self, run: usize, index: usize) -> bool {
        let is_leaf = |index: usize| self.below(index).is_empty() && self.nodes[index].hidden == 0;
        let is_folded = self.rule == Fold::Shapes || (is_leaf(run) && is_leaf(index));
        is_folded && self.shapes[run] == self.shapes[index]
    }

    /// Adds a node and its descendants to those of a run with the same shape.
    fn join(&mut self, run: usize, index: usize) {
        let mut pairs = vec![(run, index)];
        while let Some((run, index)) = pairs.pop() {
            // Spans that claim the same id have the same children.
            if run == index || self.gone[index] {
                continue;
            }
            let both = self.below(run).iter().copied().zip(self.below(index).iter().copied());
            pairs.extend(both.collect::<Vec<_>>());
            if let Ok([run, node]) = self.nodes.get_disjoint_mut([run, index]) {
                run.add(node);
                self.gone[index] = true;
            }
        }
    }
}
