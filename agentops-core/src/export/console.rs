//! Console exporter: prints ended sessions as a tree on stderr, for developers.
//!
//! ```text
//! span ─▶ node ─▶ forest: folded and cut when there are many ─▶ tree: at most 39 lines
//!      └▶ failures: each error once, in full ─▶ below the tree, then `agentops show …`
//! ```

use std::{collections::HashMap, path::PathBuf, sync::MutexGuard};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;

use self::{
    failures::Failures,
    forest::Forest,
    line::{Line, Style},
    node::Node,
    screen::Screen,
};
use super::local::file_of;
use crate::process::{Lock, report};

mod cut;
mod failures;
mod fold;
mod forest;
mod groups;
mod line;
mod node;
mod screen;
mod span_texts;
mod tree;
mod usage;

/// Maximum number of sessions whose spans are collected at the same time.
const MAX_SESSIONS: usize = 10_000;

/// Hexadecimal digits of a trace id with which it is named.
const SHORT_ID: usize = 8;

/// Collects the spans of each session until its root arrives, then prints them.
#[derive(Debug)]
pub(crate) struct ConsoleExporter {
    sessions: Lock<HashMap<TraceId, Session>>,
    /// Roots that have been shown, for spans that end later.
    shown: Lock<HashMap<TraceId, Node>>,
    local_dir: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Session {
    forest: Forest,
    failures: Failures,
}

impl Session {
    fn add(&mut self, span: &SpanData, node: Node) {
        self.failures.add(span, &node);
        self.forest.add(node);
    }

    /// Removes the spans below a root that has just been added.
    fn take(&mut self, root: SpanId) -> Self {
        let part = self.forest.part(root);
        Self { failures: self.failures.take(&part), forest: self.forest.take(&part) }
    }

    fn is_empty(&self) -> bool {
        self.forest.is_empty() && self.failures.is_empty()
    }

    /// Returns the tree, then the errors.
    fn drawn(self, root: &Node, screen: Screen) -> String {
        let failures = self.failures.listed(&self.forest, root, screen);
        [tree::render(self.forest, screen), failures].concat()
    }
}

/// Printed session, with its file if it should have one.
#[derive(Debug)]
pub(crate) struct Tree {
    text: String,
    command: String,
    file: Option<PathBuf>,
}

impl Tree {
    /// Returns the text, with the command that shows more if the file was written.
    fn with_command(&self) -> String {
        let file = self.file.as_ref().filter(|file| file.exists());
        let command = file.map(|_| self.command.as_str()).unwrap_or_default();
        [&self.text, command].concat()
    }
}

impl ConsoleExporter {
    /// Creates the exporter; `local_dir` is the folder of the session files, if they are written.
    pub(crate) fn new(local_dir: Option<PathBuf>) -> Self {
        Self { sessions: Lock::default(), shown: Lock::default(), local_dir }
    }

    /// Prints trees. Called after their sessions were written, so that only existing files are named.
    pub(crate) fn show(&self, trees: &[Tree]) {
        let text: String = trees.iter().map(Tree::with_command).collect();
        report::draw(&text);
    }

    fn shown(&self) -> MutexGuard<'_, HashMap<TraceId, Node>> {
        self.shown.lock()
    }

    fn remember(&self, trace: TraceId, root: Node) {
        let mut shown = self.shown();
        if shown.len() >= MAX_SESSIONS {
            // A span that ends so much later is collected but never printed.
            shown.clear();
        }
        shown.insert(trace, root);
    }

    /// Collects a span. Returns the session's tree if the span is its root, or a line if it ended after the root.
    pub(crate) fn collect(&self, span: &SpanData) -> Option<Tree> {
        self.collect_for(span, Screen::of_stderr)
    }

    fn collect_for(&self, span: &SpanData, screen: impl FnOnce() -> Screen) -> Option<Tree> {
        let (trace, node) = (span.span_context.trace_id(), Node::of(span));
        if let Some(root) = self.shown().get(&trace) {
            let text = late(root, span, &node, screen());
            return Some(Tree { text, command: String::new(), file: None });
        }
        // A session continued from another process is shown when its first span in this process ends.
        let is_root = node.parent == SpanId::INVALID;
        let root = is_root.then(|| node.clone());
        let session = self.add(span, node)?;
        let (root, screen) = (root?, screen());
        let text = session.drawn(&root, screen);
        if !span.parent_span_is_remote {
            self.remember(trace, root);
        }
        let file = self.local_dir.as_ref().map(|dir| file_of(dir, trace));
        Some(Tree { text, command: command(trace, screen), file })
    }

    /// Adds a span to its session. Returns what is to be drawn if the span is a root.
    fn add(&self, span: &SpanData, node: Node) -> Option<Session> {
        let trace = span.span_context.trace_id();
        let mut sessions = self.sessions.lock();
        if sessions.len() > MAX_SESSIONS {
            // Most are spans that ended after their session, whose trees are never printed.
            sessions.clear();
        }
        let is_root = node.parent == SpanId::INVALID;
        let session = sessions.entry(trace).or_default();
        session.add(span, node);
        if !is_root {
            return None;
        }
        if !span.parent_span_is_remote {
            return sessions.remove(&trace);
        }
        // Other requests of the same session may still be running.
        let part = session.take(span.span_context.span_id());
        if session.is_empty() {
            sessions.remove(&trace);
        }
        Some(part)
    }
}

/// Draws a span that ended after its session, with its error.
fn late(root: &Node, span: &SpanData, node: &Node, screen: Screen) -> String {
    let mut failures = Failures::default();
    failures.add(span, node);
    let failures = failures.listed(&Forest::default(), root, screen);
    [tree::render_late(root, node, screen), failures].concat()
}

/// Returns the line with the command that shows a session whole.
fn command(trace: TraceId, screen: Screen) -> String {
    let mut line = Line::new(screen);
    line.push(Style::Dim, &format!("agentops show {}", &trace.to_string()[..SHORT_ID]));
    line.finish()
}

#[cfg(test)]
mod tests;
