//! Session as it is read to be pinned.

use crate::{
    commands::Failure,
    rows::{SpanTree, TreeNode},
    store::{FileSpans, SessionId, SpanContent, SpanRow, Store, TextId},
};

/// Session that has ended, below its first root.
pub(super) struct ReadSession {
    pub(super) id: SessionId,
    pub(super) root: SpanContent,
    spans: FileSpans,
    tree: SpanTree,
    root_row: SpanRow,
}

impl ReadSession {
    /// Reads a session, and those that started inside of it, in the order of their start: a capture records them, too.
    pub(super) fn with_inner(store: &dyn Store, session: SessionId) -> Result<Vec<Self>, Failure> {
        let outer = Self::read(store, session)?;
        let SpanRow { start, end, .. } = outer.root_row;
        let mut others = store.sessions()?.sessions;
        others.retain(|other| other.id != session && (start..=end).contains(&other.start));
        others.sort_by_key(|other| other.start);
        let mut sessions = vec![outer];
        for other in others {
            let known: Vec<_> = sessions.iter().map(|known| known.id).collect();
            // One that has not ended is none that the session waited for.
            let other = Self::read(store, other.id).ok();
            sessions.extend(other.filter(|other| other.started_in(&known).is_some()));
        }
        Ok(sessions)
    }

    fn read(store: &dyn Store, session: SessionId) -> Result<Self, Failure> {
        let spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        let first = tree.nodes().first().and_then(|node| node.row);
        let root_row = first.map(|row| spans.table.rows()[row]).filter(|row| row.parent.is_none());
        let root_row = root_row.ok_or_else(|| {
            Failure::Usage(format!(
                "session `{session}` has no end: it runs, or its process died; pin one that has ended"
            ))
        })?;
        let root = store.content(session, root_row.place)?;
        let root = root.ok_or_else(|| not_of_agentops(session))?;
        check_end(session, &root)?;
        Ok(Self { id: session, root, spans, tree, root_row })
    }

    /// Returns the nodes below the root, and the root.
    fn nodes(&self) -> &[TreeNode] {
        &self.tree.nodes()[..self.tree.nodes()[0].size]
    }

    fn row(&self, node: &TreeNode) -> Option<&SpanRow> {
        node.row.map(|row| &self.spans.table.rows()[row])
    }

    pub(super) fn root_row(&self) -> &SpanRow {
        &self.root_row
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &SpanRow> {
        self.nodes().iter().filter_map(|node| self.row(node))
    }

    pub(super) fn text(&self, id: TextId) -> &str {
        self.spans.table.text(id)
    }

    /// Returns name and message of a failed span.
    pub(super) fn error(&self, row: &SpanRow) -> Option<(String, String)> {
        Some((self.text(row.name).to_owned(), self.text(row.error?).to_owned()))
    }

    /// Returns the number of the session, from 1, that this one started in.
    fn started_in(&self, sessions: &[SessionId]) -> Option<usize> {
        let linked = self.root.links().filter_map(|link| link.ids);
        let place = |trace| sessions.iter().position(|session| *session == trace);
        linked.map(|(trace, _)| trace).find_map(place).map(|place| place + 1)
    }

    /// Returns the tree as `Capture::tree` draws it, for a session among these.
    pub(super) fn tree(&self, sessions: &[SessionId]) -> String {
        let started_in = self.started_in(sessions);
        let started_in = started_in.map(|number| format!(" (in #{number})")).unwrap_or_default();
        let mut tree = String::new();
        for (node, row) in self.nodes().iter().filter_map(|node| Some((node, self.row(node)?))) {
            let [kind, name] = [row.kind, row.name].map(|text| self.text(text));
            let started_in = if node.depth == 0 { &*started_in } else { "" };
            let end = match row.error.map(|error| self.text(error)) {
                Some(error) => format!(" error={error:?}"),
                None if row.marks.is_cancelled => " cancelled".to_owned(),
                None => String::new(),
            };
            tree.push_str(&format!("{}{kind} {name}{started_in}{end}\n", "  ".repeat(node.depth)));
        }
        tree
    }

    pub(super) fn has_missing_spans(&self) -> bool {
        self.nodes().iter().any(|node| node.row.is_none())
    }

    /// Returns `true` if there are roots besides the first.
    pub(super) fn has_other_processes(&self) -> bool {
        self.nodes().len() < self.tree.nodes().len()
    }

    /// Returns `true` if a span started before a sibling that had started earlier has ended.
    pub(super) fn has_concurrent_spans(&self) -> bool {
        // Parents stand before their children, and siblings are in the order of their start.
        let mut last_ends = vec![0; self.nodes().len()];
        self.nodes().iter().any(|node| {
            let Some(parent) = node.parent else { return false };
            let last_end = &mut last_ends[parent];
            let is_concurrent = node.start < *last_end;
            *last_end = node.end.max(*last_end);
            is_concurrent
        })
    }
}

/// Checks that a session ended by itself, so that a test can repeat it.
fn check_end(session: SessionId, root: &SpanContent) -> Result<(), Failure> {
    match root.attribute("agentops.session.end_state").as_deref() {
        None => Err(not_of_agentops(session)),
        Some("Aborted" | "Shutdown") => Err(Failure::Usage(format!(
            "the process of session `{session}` ended before the session, which no test can repeat; pin one that has \
             ended by itself"
        ))),
        Some(_) => Ok(()),
    }
}

fn not_of_agentops(session: SessionId) -> Failure {
    Failure::Usage(format!(
        "session `{session}` has no root with `agentops.session.end_state`, so it was not recorded by agentops; pin \
         one that a program with agentops has written"
    ))
}
