//! Command `agentops show`: a session as a tree.

mod document;
mod span_view;
mod tree_view;

use std::{collections::HashMap, ops::ControlFlow};

use clap::Args;

use super::{
    Failure, Outcome, StoreArgs,
    cells::no_spans,
    selection::{Selection, find_span},
    span_lines::SpanFilter,
};
use crate::{
    rows::{RollUp, SpanTree, roll_up},
    store::{FileSpans, SessionId, SpanContent, SpanRow, SpanTable, Store, StoreError},
    terminal::{Screen, plain},
};

/// Show a session as a tree, with time, tokens, cost and errors.
///
/// The numbers of a span include everything below it. Equal siblings are folded to one line; errors are shown whole.
/// The exit status is 1 if the session or the span failed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops show                   the newest session
  agentops show last~1            the one before it
  agentops show 41648920          by the start of its id
  agentops show 4164/9c24 --io    one span with its input and output
  agentops show last --md         for an issue, or for a coding agent
  agentops show traces.jsonl      a file of a collector")]
pub(crate) struct Show {
    /// Session: `last`, `last~1`, the start of an id, `ID/SPAN`, or a file.
    #[arg(default_value = "last", value_name = "ID")]
    session: String,

    #[command(flatten)]
    store: StoreArgs,

    /// Show input and output of each span.
    #[arg(long)]
    io: bool,

    /// Show this many levels below the first.
    #[arg(long, value_name = "N")]
    depth: Option<usize>,

    /// Show only spans of these kinds, such as `llm,tool`, and what is above them.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,

    /// Show only failed spans, and what is above them.
    #[arg(long)]
    errors: bool,

    /// Print JSON: an object for the session with a list of its spans.
    #[arg(long)]
    json: bool,

    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    md: bool,

    /// Print at once, without the pager of `AGENTOPS_PAGER` or `PAGER`, or else `less`.
    #[arg(long)]
    no_pager: bool,
}

/// Session that is shown.
pub(super) struct ShownSession {
    pub(super) store: Box<dyn Store>,
    pub(super) id: SessionId,
    pub(super) spans: FileSpans,
    pub(super) tree: SpanTree,
    sums: Vec<RollUp>,
    /// Node at the top, if it is not the session.
    top: Option<usize>,
}

/// Input and output of nodes.
type NodeTexts = HashMap<usize, [Option<String>; 2]>;

/// Time and sums of all that is shown.
struct ShownTotals {
    /// Start and end, in nanoseconds since 1970.
    start: u64,
    end: u64,
    sums: RollUp,
}

impl ShownSession {
    pub(super) fn read(Selection { store, session, span }: Selection) -> Result<Self, Failure> {
        let spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        let sums = roll_up(&spans.table, &tree);
        let id = span.map(|span| find_span(&spans.table, &span)).transpose()?;
        let top = id.and_then(|id| tree.nodes().iter().position(|node| node.id == id));
        Ok(Self { store, id: session, spans, tree, sums, top })
    }

    pub(super) fn table(&self) -> &SpanTable {
        &self.spans.table
    }

    /// Returns the row of a node; `None` for a span that is known only as a parent.
    pub(super) fn row(&self, node: usize) -> Option<&SpanRow> {
        self.tree.nodes()[node].row.map(|row| &self.table().rows()[row])
    }

    /// Returns kind and name of a node. A span that is known only as a parent is mostly an agent, which its children
    /// name.
    pub(super) fn title(&self, node: usize) -> (&str, &str) {
        let table = self.table();
        if let Some(row) = self.row(node) {
            return (table.text(row.kind), table.text(row.name));
        }
        let mut children = self.tree.children(Some(node)).filter_map(|child| self.row(child));
        let agent = children.find_map(|child| child.agent);
        agent.map_or(("span", "–"), |agent| ("agent", table.text(agent)))
    }

    pub(super) fn error(&self, node: usize) -> Option<&str> {
        self.row(node).and_then(|row| row.error).map(|error| self.table().text(error))
    }

    /// Returns the nodes by the places of their spans in the file.
    pub(super) fn by_place(&self) -> HashMap<(u64, u32), usize> {
        let place = |node: usize| {
            let place = self.row(node)?.place;
            Some(((place.offset, place.index), node))
        };
        (0..self.tree.nodes().len()).filter_map(place).collect()
    }

    /// Returns the texts of the nodes that are shown, as `keep` makes them. They are read in one pass: to find each by
    /// itself would parse its line, with a thousand other spans, a thousand times.
    fn texts(&self, keep: fn(&str) -> String) -> Result<NodeTexts, Failure> {
        let shown = self
            .top
            .map_or(0..self.tree.nodes().len(), |top| top..top + self.tree.nodes()[top].size);
        let (by_place, mut texts) = (self.by_place(), NodeTexts::new());
        self.store.visit_texts(self.id, &mut |place, found| {
            let node = by_place.get(&(place.offset, place.index));
            if let Some(node) = node.filter(|node| shown.contains(node)) {
                let both = [found.input, found.output].map(|text| text.map(|text| keep(&text)));
                texts.insert(*node, both);
            }
            ControlFlow::Continue(())
        })?;
        Ok(texts)
    }

    fn content(&self, node: usize) -> Result<Option<SpanContent>, StoreError> {
        let row = self.row(node).map(|row| self.store.content(self.id, row.place));
        Ok(row.transpose()?.flatten())
    }

    /// Returns the totals of the top, or of all roots: a broken trace may have several.
    fn totals(&self) -> ShownTotals {
        let tops: Vec<_> =
            self.top.map_or_else(|| self.tree.children(None).collect(), |top| vec![top]);
        let mut totals = ShownTotals { start: u64::MAX, end: 0, sums: RollUp::default() };
        for top in tops {
            let node = self.tree.nodes()[top];
            totals.start = totals.start.min(node.start);
            totals.end = totals.end.max(node.end);
            totals.sums.add(&self.sums[top]);
        }
        totals
    }

    fn has_failed(&self) -> bool {
        self.error(self.top.unwrap_or_default()).is_some()
    }
}

impl Show {
    /// Returns the screen for this command.
    pub(crate) fn screen(&self) -> Screen<'static> {
        if self.no_pager { Screen::stdout() } else { Screen::paged() }
    }

    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let session = ShownSession::read(self.store.select(&self.session)?)?;
        if session.tree.nodes().is_empty() {
            return Err(no_spans(session.id, &session.spans.faults));
        }
        // A document for programs has the texts whole, one for people a line of each.
        let keep: fn(&str) -> String = if self.json { str::to_owned } else { plain };
        let texts = self.io.then(|| session.texts(keep)).transpose()?;
        if self.json {
            document::print_json(screen, &session, texts.as_ref())?;
        } else if self.md {
            document::print_markdown(screen, &session, &self.filter(), texts.as_ref())?;
        } else {
            tree_view::print(screen, &session, &self.filter(), texts.as_ref())?;
            if let Some(top) = session.top {
                span_view::print(screen, &session, top)?;
            }
        }
        Ok(if session.has_failed() { Outcome::No } else { Outcome::Fine })
    }

    fn filter(&self) -> SpanFilter {
        SpanFilter { depth: self.depth, kinds: self.kind.clone(), errors: self.errors }
    }
}
