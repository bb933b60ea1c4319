//! Command `agentops show`: a session as a tree.

mod document;
#[cfg(feature = "view")]
mod html_file;
mod score_texts;
mod span_view;
mod tree_view;

#[cfg(feature = "view")]
use std::path::PathBuf;
use std::{collections::HashMap, mem, ops::ControlFlow, sync::Arc};

use clap::Args;

use super::{
    Failure, Outcome, StoreArgs,
    selection::{Selection, find_span},
    span_lines::SpanFilter,
};
#[cfg(feature = "view")]
use crate::terminal::{Colour, now};
use crate::{
    rows::{RollUp, SessionTotals, SpanTree, roll_up, title},
    store::{
        FileSpans, Score, ScoreList, SessionId, SpanContent, SpanRow, SpanTable, Store, StoreError,
    },
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
  agentops show --html run.html   one file that shows it in any browser
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

    /// Write one file that shows the session in any browser, for others; values that look like keys are masked.
    #[cfg(feature = "view")]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "md", "io", "depth", "kind", "errors"])]
    html: Option<PathBuf>,

    /// Leave inputs, outputs, messages, events, errors and comments of scores out of that file.
    #[cfg(feature = "view")]
    #[arg(long, requires = "html")]
    no_content: bool,

    /// Print at once, without the pager of `AGENTOPS_PAGER` or `PAGER`, or else `less`.
    #[arg(long)]
    no_pager: bool,
}

/// Session that is shown.
pub(super) struct ShownSession {
    pub(super) store: Arc<dyn Store>,
    pub(super) id: SessionId,
    pub(super) spans: FileSpans,
    pub(super) tree: SpanTree,
    scores: ScoreList,
    sums: Vec<RollUp>,
    /// Node at the top, if it is not the session.
    top: Option<usize>,
}

/// Input and output of nodes.
type NodeTexts = HashMap<usize, [Option<String>; 2]>;

impl ShownSession {
    pub(super) fn read(Selection { store, session, span }: Selection) -> Result<Self, Failure> {
        let mut spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        let mut scores = store.scores(session, &spans.table);
        spans.faults.append(mem::take(&mut scores.faults));
        let sums = roll_up(&spans.table, &tree);
        let id = span.map(|span| find_span(&spans.table, &span)).transpose()?;
        let top = id.and_then(|id| tree.nodes().iter().position(|node| node.id == id));
        Ok(Self { store, id: session, spans, tree, scores, sums, top })
    }

    pub(super) fn table(&self) -> &SpanTable {
        &self.spans.table
    }

    /// Returns the row of a node; `None` for a span that is known only as a parent.
    pub(super) fn row(&self, node: usize) -> Option<&SpanRow> {
        self.tree.nodes()[node].row.map(|row| &self.table().rows()[row])
    }

    /// Returns kind and name of a node.
    pub(super) fn title(&self, node: usize) -> (&str, &str) {
        title(self.table(), &self.tree, node)
    }

    pub(super) fn error(&self, node: usize) -> Option<&str> {
        self.row(node).and_then(|row| row.error).map(|error| self.table().text(error))
    }

    /// Returns the texts of the nodes that are shown, as `keep` makes them. They are read in one pass: to find each by
    /// itself would parse its line, with a thousand other spans, a thousand times.
    fn texts(&self, keep: fn(&str) -> String) -> Result<NodeTexts, Failure> {
        let shown = self
            .top
            .map_or(0..self.tree.nodes().len(), |top| top..top + self.tree.nodes()[top].size);
        let (by_place, mut texts) = (self.tree.by_place(self.table()), NodeTexts::new());
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

    /// Returns `true` if the whole session is shown: its first root is the session, too.
    fn is_at_root(&self) -> bool {
        self.top.unwrap_or_default() == 0
    }

    /// Returns the scores of the span at the top, with those of the session at its root.
    fn scores_of_top(&self) -> impl Iterator<Item = &Score> {
        let top = self.tree.nodes().get(self.top.unwrap_or_default()).map(|node| node.id);
        let is_of_top = move |score: &&Score| match score.span {
            None => self.is_at_root(),
            span => span == top,
        };
        self.scores.scores.iter().filter(is_of_top)
    }

    /// Returns the totals of the top, or of all roots.
    fn totals(&self) -> SessionTotals {
        SessionTotals::new(&self.tree, &self.sums, self.top)
    }

    fn has_failed(&self) -> bool {
        self.error(self.top.unwrap_or_default()).is_some()
    }
}

/// Returns a session or a span as Markdown.
#[cfg(feature = "view")]
pub(super) fn markdown(selection: Selection) -> Result<String, Failure> {
    let session = ShownSession::read(selection)?;
    if session.tree.nodes().is_empty() {
        return Err(StoreError::NoSpans(session.id, session.spans.faults).into());
    }
    let (texts, mut out) = (session.texts(plain)?, Vec::new());
    let mut screen = Screen::new(&mut out, usize::MAX, Colour::Plain, now());
    document::print_markdown(&mut screen, &session, &SpanFilter::default(), Some(&texts))?;
    drop(screen);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

impl Show {
    /// Returns the screen for this command.
    pub(crate) fn screen(&self) -> Screen<'static> {
        #[cfg(feature = "view")]
        if self.html.is_some() {
            return Screen::stdout();
        }
        if self.no_pager { Screen::stdout() } else { Screen::paged() }
    }

    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        #[cfg(feature = "view")]
        if let Some(file) = &self.html {
            return self.write_html(screen, file);
        }
        let session = ShownSession::read(self.store.select(&self.session)?)?;
        if session.tree.nodes().is_empty() {
            return Err(StoreError::NoSpans(session.id, session.spans.faults).into());
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
