//! Renderer of a session's spans as indented lines.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    KeyValue, Value,
    trace::{SpanId, Status},
};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find,
    outgoing::describe_dropped,
    process::presentable::{presentable, presentable_ends},
    record::semconv,
};

/// Maximum length of a text in characters, so that a span stays on one line.
const MAX_TEXT: usize = 100;

/// Maximum characters of the start and the end of a long error; the end often names the cause.
const MAX_ERROR: [usize; 2] = [120, 119];

/// Maximum depth that is drawn.
const MAX_DEPTH: usize = 100;

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

/// Fields of a span that the tree shows.
#[derive(Clone, Debug)]
pub(super) struct Node {
    id: SpanId,
    parent: SpanId,
    start: SystemTime,
    kind: String,
    name: String,
    took: Duration,
    end: SystemTime,
    is_late: bool,
    detail: String,
    left_out: Option<String>,
    error: Option<String>,
    is_cancelled: bool,
}

impl Node {
    pub(super) fn of(span: &SpanData) -> Self {
        let kind = text(&span.attributes, semconv::SPAN_KIND).unwrap_or_else(|| "span".to_owned());
        let name =
            text(&span.attributes, semconv::OPERATION_NAME).unwrap_or_else(|| one_line(&span.name));
        Self {
            id: span.span_context.span_id(),
            // A parent in another process is not available here.
            parent: if span.parent_span_is_remote { SpanId::INVALID } else { span.parent_span_id },
            start: span.start_time,
            end: span.end_time,
            is_late: find(&span.attributes, semconv::LATE).is_some(),
            took: span.end_time.duration_since(span.start_time).unwrap_or_default(),
            detail: [detail(&span.attributes), returned(span)].join("").trim_start().to_owned(),
            left_out: describe_dropped(span),
            error: error(span),
            is_cancelled: find(&span.attributes, semconv::CANCELLED).is_some(),
            kind,
            name,
        }
    }
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    find(attributes, key).map(|value| one_line(&value.as_str()))
}

/// Returns the model, the tokens and the cost of a call, or of all calls of a session.
fn detail(attributes: &[KeyValue]) -> String {
    let first = |keys: [&str; 2]| keys.iter().find_map(|key| find(attributes, key));
    let input = first([semconv::INPUT_TOKENS, semconv::SESSION_INPUT_TOKENS]);
    let output = first([semconv::OUTPUT_TOKENS, semconv::SESSION_OUTPUT_TOKENS]);
    let tokens = (input.is_some() || output.is_some())
        .then(|| format!("{} → {} tokens", count(input), count(output)));
    let cost = match first([semconv::COST_USD, semconv::SESSION_COST]) {
        Some(Value::F64(usd)) => Some(dollars(*usd)),
        _ => None,
    };
    let models = [semconv::REQUEST_MODEL, semconv::RESPONSE_MODEL];
    let model = models.iter().find_map(|key| text(attributes, key));
    let known: Vec<_> = [model, tokens, cost].into_iter().flatten().collect();
    known.join("  ")
}

/// Returns when the function of a session returned, if the session has outlived it.
fn returned(span: &SpanData) -> String {
    let event = span.events.iter().find(|event| event.name == semconv::RETURNED_EVENT);
    let after = event.and_then(|event| event.timestamp.duration_since(span.start_time).ok());
    after.map(|after| format!("  returned after {}", duration(after))).unwrap_or_default()
}

fn count(tokens: Option<&Value>) -> String {
    tokens.map_or_else(|| "?".to_owned(), |tokens| one_line(&tokens.as_str()))
}

/// Formats a cost with at least two significant digits, however small it is.
fn dollars(usd: f64) -> String {
    let mut digits = 2;
    while digits < 9 && usd > 0.0 && usd * 10_f64.powi(digits) < 10.0 {
        digits += 1;
    }
    format!("${usd:.*}", usize::try_from(digits).unwrap_or(2))
}

fn error(span: &SpanData) -> Option<String> {
    let Status::Error { description } = &span.status else { return None };
    let what = if description.is_empty() { "failed".to_owned() } else { ends_of(description) };
    Some(match location(span) {
        Some(location) => format!("{what} ({location})"),
        None => what,
    })
}

/// Returns file and line of the panic that failed the span.
fn location(span: &SpanData) -> Option<String> {
    let attributes =
        &span.events.iter().find(|event| event.name == semconv::EXCEPTION_EVENT)?.attributes;
    let [file, line] = [semconv::CODE_FILE_PATH, semconv::CODE_LINE_NUMBER]
        .map(|key| find(attributes, key).map(|value| one_line(&value.as_str())));
    Some(format!("{}:{}", file?, line?))
}

/// Returns a text as one line without control characters: neither program nor model may control the terminal.
fn one_line(text: &str) -> String {
    presentable(text, MAX_TEXT).into_owned()
}

/// Returns the start and the end of an error as such a line; the end often names the cause.
fn ends_of(text: &str) -> String {
    presentable_ends(text, MAX_ERROR).into_owned()
}

/// Removes a span and its descendants from the others.
pub(super) fn take_part(nodes: &mut Vec<Node>, root: SpanId) -> Vec<Node> {
    let mut part = vec![root];
    // In reverse order of their ends: children end before their parents, or with them.
    for node in nodes.iter().rev() {
        if part.contains(&node.parent) && !part.contains(&node.id) {
            part.push(node.id);
        }
    }
    let (taken, left) = std::mem::take(nodes).into_iter().partition(|node| part.contains(&node.id));
    *nodes = left;
    taken
}

/// Draws the tree: siblings in the order of their start, spans with an unknown parent below the root.
pub(super) fn render(mut nodes: Vec<Node>, colored: bool) -> String {
    nodes.sort_by_key(|node| node.start);
    let Some(root) = nodes.iter().position(|node| node.parent == SpanId::INVALID) else {
        return String::new();
    };
    let root = nodes.remove(root);
    let known: Vec<_> = nodes.iter().map(|node| node.id).collect();
    for node in &mut nodes {
        if !known.contains(&node.parent) {
            node.parent = root.id;
        }
    }
    let mut tree = Tree { nodes, colored, session_end: root.end, text: String::new() };
    tree.line("", "", &root);
    tree.children("", root.id, 0);
    tree.text
}

/// Draws a span that ended after its session was shown.
pub(super) fn render_late(root: &Node, node: &Node, colored: bool) -> String {
    let mut tree = Tree { nodes: Vec::new(), colored, session_end: root.end, text: String::new() };
    let [dim, bold, _, reset] = tree.colors();
    let (kind, name) = (&root.kind, &root.name);
    tree.text = format!("{kind} {bold}{name}{reset}  {dim}after its end{reset}\n");
    tree.line("", "└─ ", node);
    tree.text
}

struct Tree {
    nodes: Vec<Node>,
    colored: bool,
    session_end: SystemTime,
    text: String,
}

impl Tree {
    fn children(&mut self, indent: &str, parent: SpanId, depth: usize) {
        // Drawing recurses, and sessions may nest without limit; deeper levels are unreadable anyway.
        if depth > MAX_DEPTH {
            return;
        }
        let (children, rest) =
            std::mem::take(&mut self.nodes).into_iter().partition(|node| node.parent == parent);
        self.nodes = rest;
        let children: Vec<Node> = children;
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (branch, trunk) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.line(indent, branch, child);
            self.children(&format!("{indent}{trunk}"), child.id, depth + 1);
        }
    }

    fn colors(&self) -> [&'static str; 4] {
        if self.colored { [DIM, BOLD, RED, RESET] } else { [""; 4] }
    }

    /// Returns how long after its session a span ended, if it is late.
    fn late(&self, node: &Node) -> String {
        if !node.is_late {
            return String::new();
        }
        let late = node.end.duration_since(self.session_end).unwrap_or_default();
        format!("(+{}) ", duration(late))
    }

    fn line(&mut self, indent: &str, branch: &str, node: &Node) {
        let [dim, bold, red, reset] = self.colors();
        let (kind, name, took) = (&node.kind, &node.name, duration(node.took));
        let late = self.late(node);
        let text = &mut self.text;
        let _ = write!(
            text,
            "{dim}{indent}{branch}{late}{reset}{kind} {bold}{name}{reset}  {dim}{took}{reset}"
        );
        if !node.detail.is_empty() {
            let _ = write!(text, "  {}", node.detail);
        }
        if let Some(left_out) = &node.left_out {
            let _ = write!(text, "  {dim}({left_out}){reset}");
        }
        if let Some(error) = &node.error {
            let _ = write!(text, "  {red}✗ {error}{reset}");
        } else if node.is_cancelled {
            let _ = write!(text, "  {dim}⊘ cancelled{reset}");
        }
        text.push('\n');
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
