//! Console exporter: prints ended sessions as a tree on stderr, for developers.

use std::{collections::HashMap, path::PathBuf, sync::MutexGuard};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;

use self::tree::Node;
use super::local::file_of;
use crate::process::{Lock, presentable::shown, report};

mod tree;

/// Maximum number of spans shown of one session; the others are counted.
const MAX_NODES: usize = 2_000;

/// Maximum number of sessions whose spans are collected at the same time.
const MAX_SESSIONS: usize = 10_000;

/// Collects the spans of each session until its root arrives, then prints them.
#[derive(Debug)]
pub(crate) struct ConsoleExporter {
    sessions: Lock<HashMap<TraceId, Session>>,
    /// Roots that have been shown, for spans that end later.
    shown: Lock<HashMap<TraceId, Node>>,
    local_dir: Option<PathBuf>,
    colored: bool,
}

#[derive(Debug, Default)]
struct Session {
    nodes: Vec<Node>,
    not_shown: usize,
}

/// Printed session, with its file if it should have one.
#[derive(Debug)]
pub(crate) struct Tree {
    text: String,
    file: Option<PathBuf>,
}

impl Tree {
    /// Returns the text, with the path of the file if it was written.
    fn with_path(&self) -> String {
        let file = self.file.as_ref().filter(|file| file.exists());
        let file = file.map(|file| format!("   {}\n", shown(file)));
        [self.text.as_str(), file.as_deref().unwrap_or_default()].concat()
    }
}

impl ConsoleExporter {
    /// Creates the exporter; `local_dir` is the folder of the session files, if they are written.
    pub(crate) fn new(local_dir: Option<PathBuf>) -> Self {
        let colored = report::is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { sessions: Lock::default(), shown: Lock::default(), local_dir, colored }
    }

    /// Prints trees. Called after their sessions were written, so that only existing files are named.
    pub(crate) fn show(&self, trees: &[Tree]) {
        let text: String = trees.iter().map(Tree::with_path).collect();
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
        let trace = span.span_context.trace_id();
        if let Some(root) = self.shown().get(&trace) {
            let text = tree::render_late(root, &Node::of(span), self.colored);
            return Some(Tree { text, file: None });
        }
        let mut sessions = self.sessions.lock();
        if sessions.len() > MAX_SESSIONS {
            // Most are spans that ended after their session, whose trees are never printed.
            sessions.clear();
        }
        let session = sessions.entry(trace).or_default();
        // A session continued from another process is shown when its first span in this process ends.
        let is_root = span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote;
        if is_root || session.nodes.len() < MAX_NODES {
            session.nodes.push(Node::of(span));
        } else {
            session.not_shown += 1;
        }
        if !is_root {
            return None;
        }
        let session = if span.parent_span_is_remote {
            // Other requests of the same session may still be running.
            let nodes = tree::take_part(&mut session.nodes, span.span_context.span_id());
            Session { nodes, not_shown: std::mem::take(&mut session.not_shown) }
        } else {
            sessions.remove(&trace)?
        };
        drop(sessions);
        if !span.parent_span_is_remote {
            self.remember(trace, Node::of(span));
        }
        let mut text = tree::render(session.nodes, self.colored);
        if session.not_shown > 0 {
            text.push_str(&format!("   … and {} more\n", session.not_shown));
        }
        let file = self.local_dir.as_ref().map(|dir| file_of(dir, trace));
        Some(Tree { text, file })
    }
}
