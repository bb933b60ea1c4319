//! Document of a session: its spans as columns, which no object a span makes heavy.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    access::Access,
    related_sessions::RelatedSessions,
    score_document::ScoreDocument,
    session_list::{FaultsDocument, state_word},
    session_view::SessionView,
    shared_texts::SharedTexts,
};
use crate::{
    rows::{CriticalPath, RollUp, SessionTotals, TreeNode, critical_path, roll_up},
    store::{SessionSummary, SpanRow},
};

/// Bits of a node.
const CANCELLED: u8 = 1;
const LATE: u8 = 2;
const UNFINISHED: u8 = 4;
/// The span has not ended, and is known only as a parent.
const OPEN: u8 = 8;

/// Spans of a session as columns.
pub(super) struct SessionColumns<'s> {
    view: &'s SessionView<'s>,
    texts: &'s SharedTexts,
    related: &'s RelatedSessions,
    version: &'s str,
    /// Time of the server, in nanoseconds since 1970.
    now: u64,
    sums: Vec<RollUp>,
    totals: SessionTotals,
    start: u64,
    path: CriticalPath,
    names: Names<'s>,
    access: Access,
}

/// Texts of the nodes, each once, with their places in that list.
#[derive(Default)]
struct Names<'s> {
    strings: Vec<Cow<'s, str>>,
    known: HashMap<Cow<'s, str>, i32>,
    kind: Vec<i32>,
    title: Vec<i32>,
    model: Vec<i32>,
    agent: Vec<i32>,
    error: Vec<i32>,
}

impl<'s> Names<'s> {
    fn new(view: &'s SessionView<'s>, texts: &SharedTexts) -> Self {
        let mut names = Self::default();
        let text = |id| view.table().text(id);
        for node in 0..view.tree.nodes().len() {
            let (kind, title) = view.title(node);
            let row = view.row(node);
            let of = |id: fn(&SpanRow) -> Option<_>| row.and_then(id).map(text);
            let [kind, title] = [kind, title].map(|it| names.place(texts.name("name", it)));
            let model = of(|row| row.model).map(|it| texts.name("gen_ai.request.model", it));
            let agent = of(|row| row.agent).map(|it| texts.name("gen_ai.agent.name", it));
            let error = of(|row| row.error).map(|it| texts.error(it));
            let [model, agent, error] =
                [model, agent, error].map(|it| it.map_or(-1, |it| names.place(it)));
            names.kind.push(kind);
            names.title.push(title);
            names.model.push(model);
            names.agent.push(agent);
            names.error.push(error);
        }
        names
    }

    fn place(&mut self, text: Cow<'s, str>) -> i32 {
        if let Some(place) = self.known.get(&text) {
            return *place;
        }
        let place = i32::try_from(self.strings.len()).unwrap_or(i32::MAX);
        self.strings.push(text.clone());
        self.known.insert(text, place);
        place
    }
}

impl<'s> SessionColumns<'s> {
    /// Creates the document, at a time in nanoseconds since 1970.
    pub(super) fn new(
        view: &'s SessionView<'s>,
        texts: &'s SharedTexts,
        related: &'s RelatedSessions,
        version: &'s str,
        now: u64,
    ) -> Self {
        let sums = roll_up(view.table(), &view.tree);
        let totals = SessionTotals::new(&view.tree, &sums, None);
        let path = critical_path(view.table(), &view.tree);
        let (start, names) = (start_of(view.summary, &totals), Names::new(view, texts));
        let access = Access::ReadOnly;
        Self { view, texts, related, version, now, sums, totals, start, path, names, access }
    }

    /// Sets what the reader may do.
    pub(super) fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Returns the bytes that the document takes, about.
    pub(super) fn size(&self) -> usize {
        const OF_NODE: usize = 96;
        self.view.tree.nodes().len() * OF_NODE
    }

    fn write_head<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (summary, totals) = (self.view.summary, &self.totals);
        let name = |text| self.texts.name("name", text);
        let tags: Vec<_> =
            summary.tags.iter().map(|tag| self.texts.name("tag.tags", tag)).collect();
        let user = summary.user.as_deref().map(|user| self.texts.name("user.id", user));
        let step: Vec<_> = summary.step.iter().map(|step| name(step)).collect();
        map.serialize_entry("version", self.version)?;
        map.serialize_entry("id", &summary.id.to_string())?;
        map.serialize_entry("name", &name(&summary.name))?;
        map.serialize_entry("state", state_word(summary.state))?;
        map.serialize_entry("start", &self.start.to_string())?;
        map.serialize_entry("end", &summary.end.max(totals.end).to_string())?;
        map.serialize_entry("now", &self.now.to_string())?;
        map.serialize_entry("step", &step)?;
        map.serialize_entry("user", &user)?;
        map.serialize_entry("tags", &tags)?;
        map.serialize_entry("program", &self.view.program.map(name))?;
        map.serialize_entry("related", self.related)?;
        let calls = Calls { llm: totals.sums.llm_calls, tool: totals.sums.tool_calls };
        map.serialize_entry("calls", &calls)?;
        let mut faults = self.view.spans.faults.clone();
        faults.append(self.view.scores.faults.clone());
        map.serialize_entry("faults", &FaultsDocument::new(&faults))?;
        let scores = self.view.scores.scores.iter();
        let scores: Vec<_> = scores.map(|score| ScoreDocument::new(score, self.texts)).collect();
        map.serialize_entry("scores", &scores)?;
        map.serialize_entry("may_score", &(self.access == Access::Scores))?;
        let kinds = self.path.kinds.iter();
        let kinds = kinds.map(|of_kind| KindShare { kind: &of_kind.kind, time: of_kind.time });
        map.serialize_entry("by_kind", &kinds.collect::<Vec<_>>())
    }

    fn write_tree<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let nodes = self.view.tree.nodes();
        let ids: String = nodes.iter().map(|node| node.id.to_string()).collect();
        map.serialize_entry("nodes", &nodes.len())?;
        map.serialize_entry("id16", &ids)?;
        map.serialize_entry("depth", &Column(nodes, |node: &TreeNode| node.depth))?;
        map.serialize_entry("size", &Column(nodes, |node: &TreeNode| node.size))?;
        let begin = |node: &TreeNode| i128::from(node.start) - i128::from(self.start);
        let begin = |node: &TreeNode| i64::try_from(begin(node)).unwrap_or(i64::MAX);
        map.serialize_entry("begin", &Column(nodes, begin))?;
        let took = |node: &TreeNode| node.end.saturating_sub(node.start);
        map.serialize_entry("took", &Column(nodes, took))?;
        map.serialize_entry("first_piece", &self.first_pieces())?;
        let marks = |node: &TreeNode| marks(node.row.map(|row| &self.view.table().rows()[row]));
        map.serialize_entry("marks", &Column(nodes, marks))
    }

    /// Returns the nodes of streams, with the nanoseconds until the first piece of each.
    fn first_pieces(&self) -> Vec<(usize, u64)> {
        let rows = self.view.table().rows();
        let of = |(node, TreeNode { row, .. }): (usize, &TreeNode)| {
            let first = Duration::try_from_secs_f64(rows[(*row)?].first_piece?).ok()?;
            Some((node, u64::try_from(first.as_nanos()).ok()?))
        };
        self.view.tree.nodes().iter().enumerate().filter_map(of).collect()
    }

    fn write_numbers<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let sums = &self.sums[..];
        map.serialize_entry("input", &Column(sums, |sum: &RollUp| sum.input_tokens))?;
        map.serialize_entry("output", &Column(sums, |sum: &RollUp| sum.output_tokens))?;
        map.serialize_entry("cached", &Column(sums, |sum: &RollUp| sum.cached_tokens))?;
        map.serialize_entry("cost", &Column(sums, |sum: &RollUp| sum.cost))?;
        map.serialize_entry("errors", &Column(sums, |sum: &RollUp| sum.errors))?;
        map.serialize_entry("critical", &self.path.nodes)
    }

    fn write_names<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Names { strings, known: _, kind, title, model, agent, error } = &self.names;
        map.serialize_entry("strings", strings)?;
        let columns = [
            ("kind", kind),
            ("title", title),
            ("model", model),
            ("agent", agent),
            ("error", error),
        ];
        columns.iter().try_for_each(|(name, column)| map.serialize_entry(name, column))
    }
}

impl Serialize for SessionColumns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write_head(&mut map)?;
        self.write_tree(&mut map)?;
        self.write_numbers(&mut map)?;
        self.write_names(&mut map)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Calls {
    llm: u64,
    tool: u64,
}

#[derive(Serialize)]
struct KindShare<'s> {
    kind: &'s str,
    time: u64,
}

/// Column that is written as it is computed, so that it takes no memory.
struct Column<'c, T, F>(&'c [T], F);

impl<T, V: Serialize, F: Fn(&T) -> V> Serialize for Column<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// Returns the start, in nanoseconds since 1970: that of the session, or of what is known of it.
fn start_of(summary: &SessionSummary, totals: &SessionTotals) -> u64 {
    let begun = Some(summary.start).filter(|start| *start > 0);
    let first = Some(totals.start).filter(|start| *start < u64::MAX);
    begun.into_iter().chain(first).min().unwrap_or_default()
}

fn marks(row: Option<&SpanRow>) -> u8 {
    let Some(row) = row else { return OPEN };
    let bit = |is_set: bool, bit| if is_set { bit } else { 0 };
    bit(row.marks.is_cancelled, CANCELLED)
        | bit(row.marks.is_late, LATE)
        | bit(row.marks.is_unfinished, UNFINISHED)
}
