//! Rows of a diff: the spans of both trees in one order.

use super::{
    alignment::align,
    diff_side::{DiffSide, SpanKey},
};

/// Span of one session or of both, by its nodes in the trees of the older and the newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DiffRow {
    Same { a: usize, b: usize },
    Changed { a: usize, b: usize, changes: Vec<Change> },
    Removed { a: usize },
    Added { b: usize },
}

/// Difference between the two spans of a row, in the order in which they come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Name or kind of the only root.
    Name,
    Model,
    Input,
    Error,
    /// Kind of the end: cancelled, or not ended at all.
    End,
    Output,
}

impl Change {
    /// Returns the word for the change.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Model => "model",
            Self::Input => "input",
            Self::Error => "error",
            Self::End => "end",
            Self::Output => "output",
        }
    }

    /// Returns `true` if the change is there when the span starts.
    pub(super) fn is_at_start(self) -> bool {
        self <= Self::Input
    }
}

impl DiffRow {
    /// Returns the word for the state of the row.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::Same { .. } => "same",
            Self::Changed { .. } => "changed",
            Self::Removed { .. } => "removed",
            Self::Added { .. } => "added",
        }
    }

    /// Returns the nodes in the older and the newer tree.
    pub(crate) fn nodes(&self) -> [Option<usize>; 2] {
        match self {
            Self::Same { a, b } | Self::Changed { a, b, .. } => [Some(*a), Some(*b)],
            Self::Removed { a } => [Some(*a), None],
            Self::Added { b } => [None, Some(*b)],
        }
    }

    /// Returns the newest session that has the span, 0 or 1, and its node there.
    pub(crate) fn newest(&self) -> (usize, usize) {
        match self {
            Self::Same { b, .. } | Self::Changed { b, .. } | Self::Added { b } => (1, *b),
            Self::Removed { a } => (0, *a),
        }
    }

    /// Returns the depth, which is the same in both trees.
    pub(crate) fn depth(&self, sides: [&DiffSide<'_>; 2]) -> usize {
        let (side, node) = self.newest();
        sides[side].tree.nodes()[node].depth
    }

    /// Returns the changes of a pair.
    pub(crate) fn changes(&self) -> &[Change] {
        if let Self::Changed { changes, .. } = self { changes } else { &[] }
    }
}

/// Work that is left to be done on the way down the trees.
enum Step {
    Pair(usize, usize),
    Removed(usize),
    Added(usize),
}

/// Returns the rows of two sessions.
pub(crate) fn diff_rows(sides: [&DiffSide<'_>; 2]) -> Vec<DiffRow> {
    let keys = sides.map(DiffSide::keys);
    let (mut rows, mut steps) = (Vec::new(), Vec::new());
    push_steps(roots(sides, &keys), &mut steps);
    while let Some(step) = steps.pop() {
        match step {
            Step::Pair(a, b) => {
                rows.push(pair(sides, a, b));
                push_steps(below(sides, &keys, [Some(a), Some(b)]), &mut steps);
            }
            Step::Removed(a) => rows.extend(subtree(sides[0], a).map(|a| DiffRow::Removed { a })),
            Step::Added(b) => rows.extend(subtree(sides[1], b).map(|b| DiffRow::Added { b })),
        }
    }
    rows
}

fn push_steps(below: Vec<Step>, steps: &mut Vec<Step>) {
    steps.extend(below.into_iter().rev());
}

fn subtree(side: &DiffSide<'_>, node: usize) -> std::ops::Range<usize> {
    node..node + side.tree.nodes()[node].size
}

/// Returns the steps for the roots. The only root of a session is that of the other one, whatever its name is.
fn roots(sides: [&DiffSide<'_>; 2], keys: &[Vec<SpanKey>; 2]) -> Vec<Step> {
    if sides.iter().all(|side| side.tree.children(None).count() == 1) {
        return vec![Step::Pair(0, 0)];
    }
    below(sides, keys, [None, None])
}

/// Returns the steps for the children of a pair.
fn below(
    sides: [&DiffSide<'_>; 2],
    keys: &[Vec<SpanKey>; 2],
    parents: [Option<usize>; 2],
) -> Vec<Step> {
    let [a, b] = [0, 1].map(|side| sides[side].tree.children(parents[side]).collect::<Vec<_>>());
    let keys_of = |side: usize, nodes: &[usize]| {
        nodes.iter().map(|node| keys[side][*node]).collect::<Vec<_>>()
    };
    let pairs = align(&keys_of(0, &a), &keys_of(1, &b));
    let (mut steps, mut next) = (Vec::with_capacity(a.len().max(b.len())), (0, 0));
    for (i, j) in pairs.into_iter().chain([(a.len(), b.len())]) {
        steps.extend(a[next.0..i].iter().map(|a| Step::Removed(*a)));
        steps.extend(b[next.1..j].iter().map(|b| Step::Added(*b)));
        if i < a.len() {
            steps.push(Step::Pair(a[i], b[j]));
        }
        next = (i + 1, j + 1);
    }
    steps
}

fn pair(sides: [&DiffSide<'_>; 2], a: usize, b: usize) -> DiffRow {
    use Change::{End, Error, Input, Model, Name, Output};
    let [older, newer] = sides;
    let digests = [older.digest(a), newer.digest(b)];
    let is_different = |change: &Change| match change {
        Name => older.title(a) != newer.title(b),
        Model => older.model(a) != newer.model(b),
        Input => digests[0].input != digests[1].input,
        Error => older.error(a) != newer.error(b),
        End => older.end(a) != newer.end(b),
        Output => digests[0].output != digests[1].output,
    };
    let all = [Name, Model, Input, Error, End, Output];
    let changes: Vec<_> = all.into_iter().filter(is_different).collect();
    if changes.is_empty() { DiffRow::Same { a, b } } else { DiffRow::Changed { a, b, changes } }
}
