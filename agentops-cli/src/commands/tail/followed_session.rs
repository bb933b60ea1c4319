//! Session that is followed: what of it was read and printed.

use std::collections::{HashMap, HashSet};

use super::tail_lines::{EndedSpan, TailLines};
use crate::{
    commands::Failure,
    rows::RollUp,
    store::{
        FileSpans, SessionState, SessionSummary, SpanContent, SpanId, SpanRow, SpanTable, Store,
        StoreError,
    },
    terminal::Screen,
};

/// Most levels by which a span is indented.
const MOST_LEVELS: usize = 10;

/// Session that is followed.
pub(super) struct FollowedSession {
    pub(super) summary: SessionSummary,
    /// Position from which its spans are read on.
    position: u64,
    ended: HashSet<SpanId>,
    /// Parents of spans that have ended or run; `None` for a root.
    parents: HashMap<SpanId, Option<SpanId>>,
    /// Sums of what has ended below spans that have not.
    sums: HashMap<SpanId, RollUp>,
}

impl FollowedSession {
    fn new(summary: SessionSummary) -> Self {
        Self {
            summary,
            position: 0,
            ended: HashSet::new(),
            parents: HashMap::new(),
            sums: HashMap::new(),
        }
    }

    /// Follows a session that was there before, and prints what it does now.
    pub(super) fn join(
        screen: &mut Screen<'_>,
        lines: &mut TailLines,
        store: &dyn Store,
        summary: SessionSummary,
    ) -> Result<Self, Failure> {
        let mut session = Self::new(summary);
        session.read_on(store)?;
        let summary = &session.summary;
        if session.has_ended() {
            lines.print_ended(screen, summary)?;
        } else {
            lines.print_running(screen, summary, session.ended.len() as u64)?;
        }
        Ok(session)
    }

    /// Follows a session from its start.
    pub(super) fn begin(
        screen: &mut Screen<'_>,
        lines: &mut TailLines,
        store: &dyn Store,
        summary: SessionSummary,
    ) -> Result<Self, Failure> {
        lines.print_started(screen, &summary)?;
        let running = SessionSummary { state: SessionState::Running, ..summary.clone() };
        let mut session = Self::new(running);
        session.show(screen, lines, store, summary)?;
        Ok(session)
    }

    /// Prints what is new: the spans that have ended, then its end.
    pub(super) fn show(
        &mut self,
        screen: &mut Screen<'_>,
        lines: &mut TailLines,
        store: &dyn Store,
        summary: SessionSummary,
    ) -> Result<(), Failure> {
        let had_ended = self.has_ended();
        self.summary = summary;
        let (spans, new) = self.read_on(store)?;
        for (row, sums) in new {
            let row = &spans.table.rows()[row];
            let content = if lines.io { self.content(store, row) } else { None };
            let span = EndedSpan { row, table: &spans.table, depth: self.depth(row), sums };
            lines.print_span(screen, &self.summary, &span, content.as_ref())?;
        }
        if self.has_ended() && !had_ended {
            lines.print_ended(screen, &self.summary)?;
            // A span that ends later has its place in the file; nothing else is kept for it.
            (self.ended, self.parents, self.sums) = Default::default();
        }
        Ok(())
    }

    /// Returns `true` if the session has ended, in whichever way.
    pub(super) fn has_ended(&self) -> bool {
        !matches!(self.summary.state, SessionState::Running | SessionState::Unfinished)
    }

    /// Reads the spans that were written since the last reading. Returns them with the rows of those that are new, and
    /// the sums of each and everything below it.
    fn read_on(&mut self, store: &dyn Store) -> Result<(FileSpans, Vec<(usize, RollUp)>), Failure> {
        let spans = match store.spans_from(self.summary.id, self.position) {
            Ok(spans) => spans,
            // It has only begun, or it cannot be read, which is told as a fault of the store.
            Err(StoreError::NoSession(_) | StoreError::Unreadable(..)) => {
                return Ok(Default::default());
            }
            Err(error) => return Err(error.into()),
        };
        self.position = spans.next;
        if !spans.table.rows().is_empty() {
            let open = store.open_spans(self.summary.id).into_iter();
            self.parents.extend(open.map(|span| (span.id, Some(span.parent))));
        }
        let rows = spans.table.rows().iter().enumerate();
        let new = rows.filter_map(|(index, row)| Some((index, self.add(&spans.table, row)?)));
        let new = new.collect();
        Ok((spans, new))
    }

    /// Adds a span, and returns the sums of it and everything below it; `None` if it was added before.
    fn add(&mut self, table: &SpanTable, row: &SpanRow) -> Option<RollUp> {
        let parent = self.parent(row);
        self.parents.insert(row.id, parent);
        if !self.ended.insert(row.id) {
            return None;
        }
        let mut sums = self.sums.remove(&row.id).unwrap_or_default();
        sums.add(&RollUp::of_row(table, row));
        if let Some(parent) = parent {
            self.sums.entry(parent).or_default().add(&sums);
        }
        Some(sums)
    }

    /// Returns the parent of a span: in its own process, or in another one whose spans are here as well.
    fn parent(&self, row: &SpanRow) -> Option<SpanId> {
        let is_here = |caller: &SpanId| self.parents.contains_key(caller);
        row.parent.or(row.remote_parent.filter(is_here))
    }

    /// Returns the number of spans around one, as far as they are known.
    fn depth(&self, row: &SpanRow) -> usize {
        let (mut above, mut depth) = (self.parent(row), 0);
        while let Some(parent) = above.filter(|_| depth < MOST_LEVELS) {
            depth += 1;
            above = self.parents.get(&parent).copied().flatten();
        }
        depth
    }

    /// Returns the content of a span; `None` if it cannot be read any more.
    fn content(&self, store: &dyn Store, row: &SpanRow) -> Option<SpanContent> {
        store.content(self.summary.id, row.place).ok().flatten()
    }
}
