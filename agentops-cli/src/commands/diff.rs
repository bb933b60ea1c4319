//! Command `agentops diff`: where two sessions part, and all that differs.

mod compared;
mod document;
mod folded_rows;
#[cfg(test)]
mod tests;
mod totals_table;
mod tree_view;

use clap::Args;

use self::compared::{Compared, MOST_DETAILED, Texts};
use super::{Failure, Outcome, StoreArgs, selection::Selection};
use crate::{
    diff::{DiffRow, DiffSide, NodeTexts, SessionDiff},
    store::SessionSummary,
    terminal::Screen,
};

/// Compare two sessions: where they part, all that differs, and the totals.
///
/// Times and ids are no difference, nor is the order of the keys of a JSON object. Calls are the spans of models, tools
/// and agents, numbered as `agentops show` lists them. The exit status is 1 if the sessions differ.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops diff                      the newest session with the one before it of the same name
  agentops diff 4164                 this session with the one before it of the same name
  agentops diff last~1 last          two sessions, the older one first
  agentops diff last --all           with the spans that are the same
  agentops diff old.jsonl new.jsonl  two files
  agentops diff --json | jq -r .sentence")]
pub(crate) struct Diff {
    /// Session: `last`, `last~1`, the start of an id, or a file.
    #[arg(default_value = "last", value_name = "A")]
    first: String,

    /// Session that A is compared with; without it, A is compared with the session of the same name before it.
    #[arg(value_name = "B")]
    second: Option<String>,

    #[command(flatten)]
    store: StoreArgs,

    /// Show the spans that are the same, too.
    #[arg(long)]
    all: bool,

    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Sessions that are compared, the older one first, with what differs.
struct Comparison<'c> {
    sessions: [&'c Compared; 2],
    sides: [&'c DiffSide<'c>; 2],
    diff: &'c SessionDiff,
    /// Texts of the first rows that differ.
    texts: [Texts; 2],
    sentence: String,
    /// Note on the choice of the older session.
    note: Option<&'static str>,
}

impl Diff {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let (selections, note) = self.select()?;
        let [older, newer] = Compared::read_both(selections)?;
        let readers = (older.reader(), newer.reader());
        let (a, b) = (older.side(&readers.0), newer.side(&readers.1));
        let (sessions, sides) = ([&older, &newer], [&a, &b]);
        let diff = SessionDiff::new(sides);
        let texts = texts(sessions, &diff)?;
        let sentence = diff.sentence(sides)?;
        let comparison = Comparison { sessions, sides, diff: &diff, texts, sentence, note };
        if self.json {
            document::print(screen, &comparison)?;
        } else {
            tree_view::print(screen, &comparison, self.all)?;
        }
        Ok(if diff.is_empty() { Outcome::Fine } else { Outcome::No })
    }

    /// Returns the selected sessions, the older one first, and a note on the older one if it was not named.
    fn select(&self) -> Result<([Selection; 2], Option<&'static str>), Failure> {
        let first = self.store.select_whole(&self.first, "diff")?;
        if let Some(second) = &self.second {
            return Ok(([first, self.store.select_whole(second, "diff")?], None));
        }
        let sessions = first.store.sessions()?.sessions;
        let place = sessions.iter().position(|session| session.id == first.session);
        let (name, before) = match place {
            Some(place) => (&*sessions[place].name, previous(&sessions, place)),
            None => ("", None),
        };
        let Some(before) = before else {
            return Err(Failure::Usage(format!(
                "there is no session `{name}` before `{}`; name two sessions",
                first.session
            )));
        };
        let older = Selection { session: before.id, ..self.store.select(&self.first)? };
        let note = "compared with the session of the same name before it";
        Ok(([older, first], Some(note)))
    }
}

/// Returns the newest session of the same name before one.
fn previous(sessions: &[SessionSummary], place: usize) -> Option<&SessionSummary> {
    sessions[place + 1..].iter().find(|session| session.name == sessions[place].name)
}

/// Reads the texts of the first rows that differ.
fn texts(sessions: [&Compared; 2], diff: &SessionDiff) -> Result<[Texts; 2], Failure> {
    let different = diff.rows.iter().filter(|row| !matches!(row, DiffRow::Same { .. }));
    let nodes: Vec<_> = different.take(MOST_DETAILED).map(DiffRow::nodes).collect();
    let of = |side: usize| sessions[side].texts_of(nodes.iter().filter_map(|nodes| nodes[side]));
    Ok([of(0)?, of(1)?])
}

impl Comparison<'_> {
    /// Returns the texts of a row in both sessions, if they have been read.
    fn texts_of(&self, row: &DiffRow) -> [Option<&NodeTexts>; 2] {
        let nodes = row.nodes();
        [0, 1].map(|side| self.texts[side].get(&nodes[side]?))
    }
}
