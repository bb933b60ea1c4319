//! Lines of a tree of spans: what is shown, what is folded, and the branches in front of it.

use std::collections::VecDeque;

use crate::{
    rows::SpanTree,
    store::{SpanRow, SpanTable, TextId},
};

/// Fewest equal siblings that are folded to one line.
const FEWEST_FOLDED: usize = 3;

/// Most levels whose branches are drawn; a screen has no room for more, and a chain of 10,000 spans takes no square of
/// that.
const MOST_BRANCHES: usize = 10;

/// Selection of the spans that are shown.
#[derive(Clone, Debug, Default)]
pub(super) struct SpanFilter {
    /// Deepest level, from 0 for the roots.
    pub(super) depth: Option<usize>,
    /// Kinds; all if empty.
    pub(super) kinds: Vec<String>,
    /// Show failed spans only.
    pub(super) errors: bool,
}

/// Line of a tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SpanLine {
    /// Level, from 0 for the top.
    pub(super) depth: usize,
    /// Branches in front of the line.
    pub(super) branches: String,
    /// Branches in front of further lines of the same span.
    pub(super) trunk: String,
    pub(super) item: LineItem,
}

/// Content of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineItem {
    Span(usize),
    /// Equal siblings that follow each other.
    Folded(Vec<usize>),
    /// Number of spans that are too deep to be shown.
    More(usize),
}

/// Returns the lines of a tree, or of the subtree of a node.
pub(super) fn span_lines(
    table: &SpanTable,
    tree: &SpanTree,
    top: Option<usize>,
    filter: &SpanFilter,
) -> Vec<SpanLine> {
    let draft = LineDraft { table, tree, filter, is_wanted: wanted(table, tree, filter) };
    let top_depth = top.map_or(0, |top| tree.nodes()[top].depth);
    let roots = match top {
        Some(top) => VecDeque::from([LineItem::Span(top)]),
        None => draft.items(None),
    };
    let (mut lines, mut levels) = (Vec::new(), vec![roots]);
    while let Some(level) = levels.last_mut() {
        let Some(item) = level.pop_front() else {
            levels.pop();
            continue;
        };
        let below = match item {
            LineItem::Span(node) => draft.below(node, top_depth),
            LineItem::Folded(_) | LineItem::More(_) => VecDeque::new(),
        };
        let (branches, trunk) = branches(&levels, !below.is_empty());
        lines.push(SpanLine { depth: levels.len() - 1, branches, trunk, item });
        levels.push(below);
    }
    lines
}

/// Returns which nodes are wanted: those that match the filter, and all above them.
fn wanted(table: &SpanTable, tree: &SpanTree, filter: &SpanFilter) -> Vec<bool> {
    let matches = |row: Option<&SpanRow>| {
        let is_kind = filter.kinds.is_empty()
            || row.is_some_and(|row| filter.kinds.iter().any(|kind| kind == table.text(row.kind)));
        is_kind && (!filter.errors || row.is_some_and(|row| row.error.is_some()))
    };
    let nodes = tree.nodes();
    let mut is_wanted: Vec<_> =
        nodes.iter().map(|node| matches(node.row.map(|row| &table.rows()[row]))).collect();
    for node in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[node].parent {
            is_wanted[parent] |= is_wanted[node];
        }
    }
    is_wanted
}

struct LineDraft<'t> {
    table: &'t SpanTable,
    tree: &'t SpanTree,
    filter: &'t SpanFilter,
    is_wanted: Vec<bool>,
}

impl LineDraft<'_> {
    fn row(&self, node: usize) -> Option<&SpanRow> {
        self.tree.nodes()[node].row.map(|row| &self.table.rows()[row])
    }

    /// Returns what is shown below a node.
    fn below(&self, node: usize, top_depth: usize) -> VecDeque<LineItem> {
        let depth = self.tree.nodes()[node].depth - top_depth;
        let hidden = self.tree.nodes()[node].size - 1;
        match self.filter.depth {
            Some(deepest) if depth >= deepest && hidden > 0 => [LineItem::More(hidden)].into(),
            _ => self.items(Some(node)),
        }
    }

    /// Returns the wanted children of a node, with runs of equal ones folded.
    fn items(&self, parent: Option<usize>) -> VecDeque<LineItem> {
        let children: Vec<_> =
            self.tree.children(parent).filter(|child| self.is_wanted[*child]).collect();
        let runs = children.chunk_by(|one, next| {
            let shape = self.shape(*one);
            shape.is_some() && shape == self.shape(*next)
        });
        let mut items = VecDeque::new();
        for run in runs {
            if run.len() >= FEWEST_FOLDED {
                items.push_back(LineItem::Folded(run.to_vec()));
            } else {
                items.extend(run.iter().map(|node| LineItem::Span(*node)));
            }
        }
        items
    }

    /// Returns what equal siblings have in common; `None` for a span that is shown on its own.
    fn shape(&self, node: usize) -> Option<(TextId, TextId)> {
        let row = self.row(node)?;
        let is_plain = row.error.is_none() && row.marks == Default::default();
        (is_plain && self.tree.nodes()[node].size == 1).then_some((row.kind, row.name))
    }
}

/// Returns the branches in front of a line and in front of those below it.
fn branches(levels: &[VecDeque<LineItem>], has_children: bool) -> (String, String) {
    let below = if has_children { "│ " } else { "  " };
    // The first level has no branches.
    let Some((level, above)) = levels.split_last().filter(|(_, above)| !above.is_empty()) else {
        return (String::new(), below.to_owned());
    };
    let trunk = |level: &VecDeque<_>| if level.is_empty() { "   " } else { "│  " };
    let hidden = above.len().saturating_sub(MOST_BRANCHES);
    let start = if hidden > 0 { "…  " } else { "" };
    let above: String = above[1 + hidden..].iter().map(trunk).collect();
    let branch = if level.is_empty() { "└─ " } else { "├─ " };
    (format!("{start}{above}{branch}"), format!("{start}{above}{}{below}", trunk(level)))
}
