//! Renderer of a session's spans as indented lines.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use opentelemetry::trace::SpanId;

use super::{
    cut::Room,
    forest::Forest,
    groups::Groups,
    line::{GAP, Line, Style, shortened, width},
    node::Node,
    screen::Screen,
};

/// Maximum lines of the tree; one more says how to show all.
const MAX_LINES: usize = 39;

/// Columns of a level's indent.
const INDENT: usize = 3;

/// Columns of a name that are kept at the cost of what follows.
const SHORT_NAME: usize = 20;

/// Draws the tree in at most 39 lines: siblings in the order of their start, spans with an unknown parent below the
/// root.
///
/// Runs of equal leaves are one line. If that is not enough, so are runs of equal subtrees, then the tree is cut: see
/// `cut`. Levels whose indent would take more than half of the width are cut in any case.
pub(super) fn render(forest: Forest, screen: Screen) -> String {
    let levels = (screen.columns / 2 / INDENT).max(1) + 1;
    let Some(nodes) = forest.drawable(Room { lines: MAX_LINES, levels }) else {
        return String::new();
    };
    let groups = Groups::of(&nodes);
    let session_end = nodes[0].end;
    let tree = Tree { nodes, groups, screen, session_end };
    tree.lines()
}

/// Draws a span that ended after its session was shown.
pub(super) fn render_late(root: &Node, node: &Node, screen: Screen) -> String {
    let mut first = Line::new(screen);
    first.push(Style::Plain, &format!("{} ", root.kind));
    first.push(Style::Bold, &root.name);
    first.field(Style::Dim, "after its end");
    let nodes = vec![Node { parent: SpanId::INVALID, ..node.clone() }];
    let tree = Tree { groups: Groups::of(&nodes), nodes, screen, session_end: root.end };
    [first.finish(), tree.line("└─ ", 0)].concat()
}

struct Tree {
    nodes: Vec<Node>,
    groups: Groups,
    screen: Screen,
    session_end: SystemTime,
}

/// Line that is still to be drawn.
enum Step {
    Span { indent: String, branch: &'static str, index: usize },
    Hidden { indent: String, spans: usize },
}

impl Tree {
    /// Draws without recursion: a screen may be as wide as it likes.
    fn lines(&self) -> String {
        let mut text = self.line("", 0);
        let mut steps = self.below(0, "");
        // Two spans may claim the same id.
        let mut drawn = HashSet::from([self.nodes[0].id]);
        while let Some(step) = steps.pop() {
            match step {
                Step::Span { indent, branch, index } => {
                    text.push_str(&self.line(&[&indent, branch].concat(), index));
                    let trunk = if branch == "└─ " { "   " } else { "│  " };
                    if drawn.insert(self.nodes[index].id) {
                        steps.extend(self.below(index, &[&indent, trunk].concat()));
                    }
                }
                Step::Hidden { indent, spans } => text.push_str(&self.hidden(&indent, spans)),
            }
        }
        text
    }

    /// Returns the steps below a node, the last first.
    fn below(&self, index: usize, indent: &str) -> Vec<Step> {
        let (group, spans) = (self.groups.below(self.nodes[index].id), self.nodes[index].hidden);
        let mut steps = Vec::new();
        if spans > 0 && !group.is_empty() {
            steps.push(Step::Hidden { indent: indent.to_owned(), spans });
        }
        for index in group.iter().rev().copied() {
            let branch = if steps.is_empty() { "└─ " } else { "├─ " };
            steps.push(Step::Span { indent: indent.to_owned(), branch, index });
        }
        steps
    }

    fn hidden(&self, indent: &str, spans: usize) -> String {
        let mut line = Line::new(self.screen);
        line.push(Style::Dim, &format!("{indent}└─ … {}", counted(spans)));
        line.finish()
    }

    fn line(&self, indent: &str, index: usize) -> String {
        let node = &self.nodes[index];
        let mut line = Line::new(self.screen);
        line.push(Style::Dim, &[indent, &self.late(node)].concat());
        line.push(Style::Plain, &format!("{} ", node.kind));
        let count = if node.count > 1 { format!(" ×{}", node.count) } else { String::new() };
        let took = range(node.took);
        let room = line.room().saturating_sub(width(&count) + GAP + width(&took));
        line.push(Style::Bold, &shortened(&node.name, room.max(SHORT_NAME)));
        line.push(Style::Plain, &count);
        line.field(Style::Dim, &took);
        self.push_details(&mut line, index);
        line.finish()
    }

    fn push_details(&self, line: &mut Line, index: usize) {
        let node = &self.nodes[index];
        if node.hidden > 0 && self.groups.below(node.id).is_empty() {
            line.field(Style::Dim, &format!("… {}", counted(node.hidden)));
        }
        line.field(Style::Plain, &node.usage.to_string());
        if let Some(after) = node.returned {
            line.field(Style::Plain, &format!("returned after {}", duration(after)));
        }
        if let Some(left_out) = &node.left_out {
            line.field(Style::Dim, &format!("({left_out})"));
        }
        self.push_outcome(line, node);
    }

    fn push_outcome(&self, line: &mut Line, node: &Node) {
        match &node.error {
            Some(_) if self.is_passed_on(node) => line.field(Style::Red, "✗"),
            Some(error) => line.field(Style::Red, &format!("✗ {error}")),
            None if node.is_cancelled => line.field(Style::Dim, "⊘ cancelled"),
            None => {}
        }
    }

    /// Returns `true` if an error was raised below, where its message stands.
    fn is_passed_on(&self, node: &Node) -> bool {
        self.groups.below(node.id).iter().any(|child| self.nodes[*child].error == node.error)
    }

    /// Returns how long after its session a span ended, if it is late.
    fn late(&self, node: &Node) -> String {
        if !node.is_late {
            return String::new();
        }
        let late = node.end.duration_since(self.session_end).unwrap_or_default();
        format!("(+{}) ", duration(late))
    }
}

fn counted(spans: usize) -> String {
    if spans == 1 { "1 more span".to_owned() } else { format!("{spans} more spans") }
}

/// Returns a duration, or the shortest and the longest of a run.
fn range([shortest, longest]: [Duration; 2]) -> String {
    let (short, long) = (duration(shortest), duration(longest));
    match (short.split_once(' '), long.split_once(' ')) {
        _ if short == long => long,
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}–{long}"),
        _ => format!("{short}–{long}"),
    }
}

fn duration(took: Duration) -> String {
    match took.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 0.001 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{:.0} µs", seconds * 1e6),
    }
}

#[cfg(test)]
mod tests;
