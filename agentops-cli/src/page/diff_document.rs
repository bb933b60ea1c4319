//! Document of the differences between two sessions.

use std::sync::Arc;

use serde::Serialize;

use super::{api_error::ApiError, session_list::state_word, watched_store::WatchedStore};
use crate::{
    diff::{Compared, DiffRow, DiffSide, SessionDiff, call_text, previous},
    store::{SessionId, SessionSummary, StoreError},
};

/// Differences between two sessions, the older one first.
#[derive(Debug, Serialize)]
pub(super) struct DiffDocument {
    sentence: String,
    same: bool,
    sessions: [SessionDocument; 2],
    /// Row of the first difference.
    first: Option<usize>,
    /// Row of the last model call before it, if it was asked or it answered otherwise.
    asked: Option<usize>,
    rows: Vec<RowDocument>,
}

/// Session that is compared.
#[derive(Debug, Serialize)]
struct SessionDocument {
    id: String,
    name: String,
    start: String,
    took: u64,
    state: &'static str,
    input: Option<u64>,
    output: Option<u64>,
    cost: Option<f64>,
    llm: u64,
    tools: u64,
    spans: u64,
    errors: u64,
}

/// Span of one session or of both.
#[derive(Debug, Serialize)]
struct RowDocument {
    state: &'static str,
    depth: usize,
    kind: String,
    name: String,
    /// Name with the arguments of a call that differs; `None` for others.
    call: Option<String>,
    older: Option<SideDocument>,
    newer: Option<SideDocument>,
    changes: Vec<&'static str>,
}

/// Span of a row in one of the sessions.
#[derive(Debug, Serialize)]
struct SideDocument {
    span: String,
    took: u64,
    input: Option<u64>,
    output: Option<u64>,
    cost: Option<f64>,
    error: Option<String>,
}

impl DiffDocument {
    /// Compares a session with another one, or with the one before it of the same name.
    pub(super) fn read(
        watched: &WatchedStore,
        a: SessionId,
        b: Option<SessionId>,
    ) -> Result<Self, ApiError> {
        let summaries = match b {
            Some(b) => [watched.summary(a)?, watched.summary(b)?],
            None => [before(watched, a)?, watched.summary(a)?],
        };
        let selected = [0, 1].map(|side: usize| (Arc::clone(watched.store()), summaries[side].id));
        let [older, newer] = Compared::read_both(selected)?;
        let readers = (older.reader(), newer.reader());
        let sides = [&older.side(&readers.0), &newer.side(&readers.1)];
        let diff = SessionDiff::new(sides);
        Ok(Self {
            sentence: diff.sentence(sides)?,
            same: diff.is_empty(),
            sessions: [0, 1].map(|side| session(&summaries[side], sides[side])),
            first: diff.departure().map(|departure| departure.row),
            asked: asked(&diff),
            rows: rows(&diff.rows, [&older, &newer], sides)?,
        })
    }
}

fn asked(diff: &SessionDiff) -> Option<usize> {
    let call = diff.departure()?.asked.as_ref()?;
    (!diff.rows[call.row].changes().is_empty()).then_some(call.row)
}

/// Returns the session of the same name before one.
fn before(watched: &WatchedStore, a: SessionId) -> Result<SessionSummary, ApiError> {
    let summary = watched.summary(a)?;
    let found = watched.list(|list| {
        let sessions: Vec<_> = list.since(None).sessions.into_iter().cloned().collect();
        let place = sessions.iter().position(|session| session.id == a)?;
        previous(&sessions, place).cloned()
    })?;
    let none =
        || format!("there is no session `{}` before `{a}`; choose two sessions", summary.name);
    found.ok_or_else(|| ApiError::Request(none()))
}

fn session(summary: &SessionSummary, side: &DiffSide<'_>) -> SessionDocument {
    let totals = side.totals();
    SessionDocument {
        id: summary.id.to_string(),
        name: summary.name.clone(),
        start: totals.start.to_string(),
        took: totals.time(),
        state: state_word(summary.state),
        input: totals.sums.input_tokens,
        output: totals.sums.output_tokens,
        cost: totals.sums.cost,
        llm: totals.sums.llm_calls,
        tools: totals.sums.tool_calls,
        spans: totals.sums.spans,
        errors: totals.sums.errors,
    }
}

fn rows(
    rows: &[DiffRow],
    sessions: [&Compared; 2],
    sides: [&DiffSide<'_>; 2],
) -> Result<Vec<RowDocument>, StoreError> {
    let is_call =
        |(side, node): (usize, usize)| matches!(sides[side].title(node).0, "tool" | "agent");
    let different = |row: &&DiffRow| !matches!(row, DiffRow::Same { .. });
    let newest = || rows.iter().filter(different).map(DiffRow::newest).filter(|row| is_call(*row));
    let arguments = |side: usize| {
        let nodes = newest().filter_map(|(of, node)| (of == side).then_some(node));
        sessions[side].each_of(nodes, |texts| call_text("", texts.input.as_deref()))
    };
    let arguments = [arguments(0)?, arguments(1)?];
    let call = |row: &DiffRow| {
        let (side, node) = row.newest();
        let arguments = arguments[side].get(&node)?;
        Some(format!("{}{arguments}", sides[side].title(node).1))
    };
    Ok(rows.iter().map(|found| row(found, call(found), sides)).collect())
}

fn row(row: &DiffRow, call: Option<String>, sides: [&DiffSide<'_>; 2]) -> RowDocument {
    let (newest, node) = row.newest();
    let (kind, name) = sides[newest].title(node);
    let [older, newer] = [0, 1].map(|side| row.nodes()[side].map(|node| span(sides[side], node)));
    RowDocument {
        state: row.state(),
        depth: row.depth(sides),
        kind: kind.to_owned(),
        name: name.to_owned(),
        call,
        older,
        newer,
        changes: row.changes().iter().map(|change| change.word()).collect(),
    }
}

fn span(side: &DiffSide<'_>, node: usize) -> SideDocument {
    let (place, sums) = (side.tree.nodes()[node], side.sums[node]);
    SideDocument {
        span: place.id.to_string(),
        took: place.end.saturating_sub(place.start),
        input: sums.input_tokens,
        output: sums.output_tokens,
        cost: sums.cost,
        error: side.error(node).map(str::to_owned),
    }
}
