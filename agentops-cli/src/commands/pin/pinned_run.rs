//! Facts of a session that a test asserts.

use agentops_core::store::is_altered;

use crate::{
    commands::Failure,
    rows::{SpanTree, TreeNode},
    store::{SessionId, SpanContent, SpanRow, SpanTable, Store},
};

/// Keys of the arguments of a call, under whichever names their writer has for them.
const INPUTS: [&str; 3] = ["input.value", "gen_ai.tool.call.arguments", "agentops.entity.input"];

/// Session that a test repeats.
#[derive(Debug)]
pub(super) struct PinnedRun {
    pub(super) name: String,
    /// Function that started the session.
    pub(super) function: Option<String>,
    /// Arguments of that function, as JSON.
    pub(super) input: Option<String>,
    /// Tools in the order of their start.
    pub(super) tools: Vec<PinnedTool>,
    /// Names and messages of the failed spans, likewise.
    pub(super) errors: Vec<(String, String)>,
    /// Tree as `Capture::tree` returns it.
    pub(super) tree: String,
    pub(super) marks: RunMarks,
}

/// Call of a tool.
#[derive(Debug)]
pub(super) struct PinnedTool {
    pub(super) name: String,
    pub(super) input: PinnedInput,
}

/// Arguments of a tool.
#[derive(Debug)]
pub(super) enum PinnedInput {
    Json(String),
    /// They were cut or masked.
    Altered,
    /// There are none, or they were not captured.
    NotRecorded,
}

/// Properties of a session that keep a test from asserting all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunMarks {
    /// The message of an error was cut or masked.
    pub(super) has_altered_errors: bool,
    /// A span is known only as a parent.
    pub(super) has_missing_spans: bool,
    /// Spans with the same parent ran at the same time.
    pub(super) has_concurrent_spans: bool,
    /// A span ended after its session.
    pub(super) has_late_spans: bool,
    /// Other processes took part.
    pub(super) has_other_processes: bool,
}

impl PinnedRun {
    /// Reads a session that has ended.
    pub(super) fn read(store: &dyn Store, session: SessionId) -> Result<Self, Failure> {
        let spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        let content = |row: &SpanRow| store.content(session, row.place);
        let facts =
            RunFacts { table: &spans.table, nodes: whole_tree(session, &tree, &spans.table)? };
        let root = content(facts.root())?.ok_or_else(|| not_of_agentops(session))?;
        check_end(session, &root)?;
        let mut tools = Vec::new();
        for row in facts.by_start(|row| facts.table.text(row.kind) == "tool") {
            let input =
                content(row)?.map_or(PinnedInput::NotRecorded, |content| input_of(&content));
            tools.push(PinnedTool { name: facts.table.text(row.name).to_owned(), input });
        }
        let mut marks = facts.marks();
        marks.has_other_processes = facts.nodes.len() < tree.nodes().len();
        Ok(Self {
            name: facts.table.text(facts.root().name).to_owned(),
            function: root.attribute("code.function.name"),
            input: INPUTS.iter().find_map(|key| root.attribute(key)),
            tools,
            errors: facts.errors(),
            tree: facts.tree(),
            marks,
        })
    }
}

/// Returns the nodes below the first root, and the root.
fn whole_tree<'t>(
    session: SessionId,
    tree: &'t SpanTree,
    table: &SpanTable,
) -> Result<&'t [TreeNode], Failure> {
    let first = tree
        .nodes()
        .first()
        .filter(|node| node.row.is_some_and(|row| table.rows()[row].parent.is_none()));
    first.map(|root| &tree.nodes()[..root.size]).ok_or_else(|| {
        Failure::Usage(format!(
            "session `{session}` has no end: it runs, or its process died; pin one that has ended"
        ))
    })
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

fn input_of(content: &SpanContent) -> PinnedInput {
    match INPUTS.iter().find_map(|key| content.attribute(key)) {
        None => PinnedInput::NotRecorded,
        Some(json) if is_altered(&json) => PinnedInput::Altered,
        Some(json) => PinnedInput::Json(json),
    }
}

/// Nodes of a session with their rows.
struct RunFacts<'t> {
    table: &'t SpanTable,
    nodes: &'t [TreeNode],
}

impl RunFacts<'_> {
    /// Returns the row of the root, which has one.
    fn root(&self) -> &SpanRow {
        &self.table.rows()[self.nodes[0].row.unwrap_or_default()]
    }

    fn row(&self, node: &TreeNode) -> Option<&SpanRow> {
        node.row.map(|row| &self.table.rows()[row])
    }

    /// Returns some of the rows in the order of their start.
    fn by_start(&self, is_wanted: impl Fn(&SpanRow) -> bool) -> Vec<&SpanRow> {
        let rows = self.nodes.iter().filter_map(|node| self.row(node));
        let mut rows: Vec<_> = rows.filter(|row| is_wanted(row)).collect();
        rows.sort_by_key(|row| row.start);
        rows
    }

    fn errors(&self) -> Vec<(String, String)> {
        let failed = self.by_start(|row| row.error.is_some());
        let texts = failed.iter().filter_map(|row| Some((row.name, row.error?)));
        let texts = texts.map(|texts| (self.table.text(texts.0), self.table.text(texts.1)));
        texts.map(|(name, error)| (name.to_owned(), error.to_owned())).collect()
    }

    /// Returns the tree as `Capture::tree` draws it.
    fn tree(&self) -> String {
        self.nodes.iter().filter_map(|node| Some(self.tree_line(node, self.row(node)?))).collect()
    }

    fn tree_line(&self, node: &TreeNode, row: &SpanRow) -> String {
        let [kind, name] = [row.kind, row.name].map(|text| self.table.text(text));
        let end = match row.error.map(|error| self.table.text(error)) {
            Some(error) => format!(" error={error:?}"),
            None if row.marks.is_cancelled => " cancelled".to_owned(),
            None => String::new(),
        };
        format!("{}{kind} {name}{end}\n", "  ".repeat(node.depth))
    }

    fn marks(&self) -> RunMarks {
        let rows = || self.nodes.iter().map(|node| self.row(node));
        RunMarks {
            has_altered_errors: self.errors().iter().any(|(_, error)| is_altered(error)),
            has_missing_spans: rows().any(|row| row.is_none()),
            has_concurrent_spans: self.has_concurrent_spans(),
            has_late_spans: rows().flatten().any(|row| row.marks.is_late),
            has_other_processes: false,
        }
    }

    /// Returns `true` if a span started before a sibling that had started earlier has ended.
    fn has_concurrent_spans(&self) -> bool {
        // Parents stand before their children, and siblings are in the order of their start.
        let mut last_ends = vec![0; self.nodes.len()];
        self.nodes.iter().any(|node| {
            let Some(parent) = node.parent else { return false };
            let last_end = &mut last_ends[parent];
            let is_concurrent = node.start < *last_end;
            *last_end = node.end.max(*last_end);
            is_concurrent
        })
    }
}
