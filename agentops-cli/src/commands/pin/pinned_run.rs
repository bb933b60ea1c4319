//! Facts of a session that a test asserts.

use std::{collections::HashMap, ops::ControlFlow};

use agentops_core::store::is_altered;

use super::read_session::ReadSession;
use crate::{
    commands::Failure,
    store::{SessionId, SpanRow, Store},
};

/// Session that a test repeats, with those that started inside of it.
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

impl PinnedInput {
    fn of(json: Option<String>) -> Self {
        match json {
            None => Self::NotRecorded,
            Some(json) if is_altered(&json) => Self::Altered,
            Some(json) => Self::Json(json),
        }
    }
}

impl PinnedRun {
    /// Reads a session that has ended.
    pub(super) fn read(store: &dyn Store, session: SessionId) -> Result<Self, Failure> {
        let sessions = ReadSession::with_inner(store, session)?;
        let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
        let outer = &sessions[0];
        let errors = by_start(&sessions, |_, row| row.error.is_some());
        let errors: Vec<_> = errors.into_iter().filter_map(|(of, row)| of.error(row)).collect();
        Ok(Self {
            name: outer.text(outer.root_row().name).to_owned(),
            function: outer.root.attribute("code.function.name"),
            input: outer.root.arguments(),
            tools: tools(store, &sessions)?,
            tree: sessions.iter().map(|session| session.tree(&ids)).collect(),
            marks: RunMarks {
                has_altered_errors: errors.iter().any(|(_, error)| is_altered(error)),
                has_missing_spans: sessions.iter().any(ReadSession::has_missing_spans),
                has_concurrent_spans: sessions.iter().any(ReadSession::has_concurrent_spans),
                has_late_spans: !by_start(&sessions, |_, row| row.marks.is_late).is_empty(),
                has_other_processes: sessions.iter().any(ReadSession::has_other_processes),
            },
            errors,
        })
    }
}

fn tools(store: &dyn Store, sessions: &[ReadSession]) -> Result<Vec<PinnedTool>, Failure> {
    let mut inputs = HashMap::new();
    for session in sessions {
        // In one pass: a line holds hundreds of spans.
        store.visit_texts(session.id, &mut |place, texts| {
            inputs.extend(texts.arguments.map(|text| ((session.id, place), text.into_owned())));
            ControlFlow::Continue(())
        })?;
    }
    let tools = by_start(sessions, |of, row| of.text(row.kind) == "tool");
    let tools = tools.into_iter().map(|(of, row)| PinnedTool {
        name: of.text(row.name).to_owned(),
        input: PinnedInput::of(inputs.remove(&(of.id, row.place))),
    });
    Ok(tools.collect())
}

/// Returns some of the rows in the order of their start.
fn by_start(
    sessions: &[ReadSession],
    is_wanted: impl Fn(&ReadSession, &SpanRow) -> bool,
) -> Vec<(&ReadSession, &SpanRow)> {
    let rows = sessions.iter().flat_map(|session| session.rows().map(move |row| (session, row)));
    let mut rows: Vec<_> = rows.filter(|(of, row)| is_wanted(of, row)).collect();
    rows.sort_by_key(|(_, row)| row.start);
    rows
}
