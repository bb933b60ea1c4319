//! Errors of a session, each once and in full.

use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    sync::Arc,
};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use super::{
    forest::Forest,
    line::{Line, Style, end_of, width, wrap},
    node::Node,
    screen::Screen,
    span_texts::{location, message},
};
use crate::process::presentable::presentable;

/// Maximum bytes of the errors that a session waits to print.
const MAX_BYTES: usize = 4 << 20;

/// Bytes of an error besides its text, about.
const AROUND: usize = 300;

/// Names of a path that are kept at its start and at its end.
const PATH_ENDS: usize = 4;

const INDENT: usize = 2;

/// Errors of a session, by the span below which they were raised.
///
/// Equal messages are one error with a number. An error that an ancestor passes on is the error of its origin. Beyond
/// 4 MiB, further messages are counted.
#[derive(Debug, Default)]
pub(super) struct Failures {
    below: HashMap<SpanId, HashMap<Arc<str>, Failure>>,
    bytes: usize,
    seen: usize,
    more: usize,
}

#[derive(Clone, Debug)]
struct Failure {
    message: Arc<str>,
    location: Option<String>,
    path: NamePath,
    count: usize,
    place: usize,
}

impl Failures {
    /// Collects the error of a span, and passes those from below on to its parent.
    pub(super) fn add(&mut self, span: &SpanData, node: &Node) {
        let mut found = self.below.remove(&node.id).unwrap_or_default();
        for failure in found.values_mut() {
            failure.path.push_front(Arc::from(node.name.as_str()));
        }
        if let Some(failure) = self.raised(span, node, &found) {
            found.insert(failure.message.clone(), failure);
        }
        if !found.is_empty() {
            let mut above = self.below.remove(&node.parent).unwrap_or_default();
            self.bytes -= merge(&mut above, found);
            self.below.insert(node.parent, above);
        }
    }

    /// Returns the error that was raised in this span, not below it.
    fn raised(
        &mut self,
        span: &SpanData,
        node: &Node,
        below: &HashMap<Arc<str>, Failure>,
    ) -> Option<Failure> {
        let message = message(span)?;
        if below.contains_key(message) {
            return None;
        }
        let mut path = NamePath::default();
        path.push_front(Arc::from(node.name.as_str()));
        let message = Arc::from(message);
        let place = self.seen;
        let failure = Failure { message, location: location(span), path, count: 1, place };
        if self.bytes + failure.bytes() > MAX_BYTES {
            self.more += 1;
            return None;
        }
        (self.bytes, self.seen) = (self.bytes + failure.bytes(), self.seen + 1);
        Some(failure)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.below.is_empty() && self.more == 0
    }

    /// Removes the errors of a part of the spans, whose root was added last.
    pub(super) fn take(&mut self, part: &HashSet<SpanId>) -> Self {
        let is_part = |id: &SpanId| *id == SpanId::INVALID || part.contains(id);
        let below: HashMap<_, _> = self.below.extract_if(|id, _| is_part(id)).collect();
        let bytes = below.values().flat_map(HashMap::values).map(Failure::bytes).sum();
        self.bytes -= bytes;
        Self { below, bytes, more: std::mem::take(&mut self.more), ..Self::default() }
    }

    /// Returns the lines that list the errors in the order in which they were raised.
    pub(super) fn listed(mut self, forest: &Forest, root: &Node, screen: Screen) -> String {
        let mut all = self.below.remove(&SpanId::INVALID).unwrap_or_default();
        // Some ended after their parents.
        for (parent, mut late) in self.below {
            let mut path = forest.path(parent);
            if path.last().is_none_or(|name| *name != root.name) {
                path.push(&root.name);
            }
            for failure in late.values_mut() {
                path.iter().for_each(|name| failure.path.push_front(Arc::from(*name)));
            }
            merge(&mut all, late);
        }
        let mut all: Vec<_> = all.into_values().collect();
        all.sort_by_key(|failure| failure.place);
        let more = (self.more > 0).then(|| counted(self.more, screen));
        all.iter().map(|failure| failure.lines(screen)).chain(more).collect()
    }
}

fn counted(more: usize, screen: Screen) -> String {
    let mut line = Line::new(screen);
    line.push(Style::Red, &format!("✗ {more} more errors"));
    line.finish()
}

/// Adds errors to others. Returns the bytes of those that were known.
fn merge(into: &mut HashMap<Arc<str>, Failure>, mut from: HashMap<Arc<str>, Failure>) -> usize {
    if into.len() < from.len() {
        std::mem::swap(into, &mut from);
    }
    let mut known = 0;
    for (message, failure) in from {
        match into.entry(message) {
            Entry::Occupied(mut entry) => known += entry.get_mut().add(failure),
            Entry::Vacant(entry) => _ = entry.insert(failure),
        }
    }
    known
}

impl Failure {
    fn bytes(&self) -> usize {
        self.message.len() + self.location.as_ref().map_or(0, String::len) + AROUND
    }

    /// Adds an equal error; the one that was raised first is shown. Returns the bytes of the other.
    fn add(&mut self, mut other: Self) -> usize {
        if other.place < self.place {
            std::mem::swap(self, &mut other);
        }
        self.count += other.count;
        other.bytes()
    }

    /// Returns a line for the place, and the whole message in as many lines as it needs.
    fn lines(&self, screen: Screen) -> String {
        let times = if self.count > 1 { format!("  ×{}", self.count) } else { String::new() };
        let mut first = Line::new(screen);
        first.push(Style::Red, "✗ ");
        let path = self.path.to_string();
        first.push(Style::Bold, &end_of(&path, first.room().saturating_sub(width(&times))));
        first.push(Style::Plain, &times);
        let location = self.location.as_ref().map(|location| format!(" ({location})"));
        let message = [&self.message, location.as_deref().unwrap_or_default()].concat();
        let lines = message.lines().flat_map(|line| message_lines(line, screen));
        [first.finish()].into_iter().chain(lines).collect()
    }
}

/// Returns a line of a message, wrapped.
fn message_lines(line: &str, screen: Screen) -> Vec<String> {
    let line = presentable(line, usize::MAX);
    // On a screen narrower than this, an indent would leave no room.
    let indent = if screen.columns > 4 * INDENT { INDENT } else { 0 };
    let styled = |part: &&str| {
        let mut line = Line::new(screen);
        line.push(Style::Plain, &" ".repeat(indent));
        line.push(Style::Red, part);
        line.finish()
    };
    wrap(&line, screen.columns - indent).iter().map(styled).collect()
}

/// Names from the root to the origin of an error; of a long path, its ends.
#[derive(Clone, Debug, Default)]
struct NamePath {
    names: VecDeque<Arc<str>>,
    has_gap: bool,
}

impl NamePath {
    fn push_front(&mut self, name: Arc<str>) {
        self.names.push_front(name);
        if self.names.len() > 2 * PATH_ENDS {
            self.names.remove(PATH_ENDS);
            self.has_gap = true;
        }
    }
}

impl std::fmt::Display for NamePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names: Vec<&str> = self.names.iter().map(|name| &**name).collect();
        if self.has_gap {
            names.insert(PATH_ENDS, "…");
        }
        f.write_str(&names.join(" › "))
    }
}
