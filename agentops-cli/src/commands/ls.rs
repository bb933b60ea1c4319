//! Command `agentops ls`: sessions, newest first.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::{Failure, Outcome, StoreArgs};
use crate::{
    store::{Faults, SessionId, SessionList, SessionState, SessionSummary, Store},
    terminal::{Screen, Style, ago, dollars, fit, plain, short_duration, tokens, width},
};

/// List sessions, newest first.
///
/// The bright part of an id is enough to name the session, as in `agentops show 41`. The exit status is 0, also if
/// no session matches.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops ls                      the 20 newest sessions
  agentops ls --failed --since 2d  what failed in the last two days
  agentops ls --tag ci --json      one JSON object a line, for scripts")]
pub(crate) struct Ls {
    #[command(flatten)]
    store: StoreArgs,

    /// List only sessions that started in this time, such as `30m`, `12h`, `2d`.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<u64>,

    /// List only sessions whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// List only sessions with this tag.
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,

    /// List only sessions that failed, or whose process died.
    #[arg(long)]
    failed: bool,

    /// List only sessions that are running.
    #[arg(long, conflicts_with = "failed")]
    running: bool,

    /// Number of sessions to list; 0 for all.
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    number: usize,

    /// Print one JSON object a session.
    #[arg(long)]
    json: bool,
}

/// Parses a time such as `2d` to nanoseconds.
fn parse_time(text: &str) -> Result<u64, String> {
    let split = text.len() - text.chars().last().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => 0,
    };
    let time = number.parse::<u64>().ok().filter(|_| seconds > 0);
    let nanos = time.and_then(|time| time.checked_mul(seconds * 1_000_000_000));
    nanos.ok_or_else(|| {
        "a number and `s`, `m`, `h`, `d` or `w` is expected, such as `2d`".to_owned()
    })
}

impl Ls {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let SessionList { mut sessions, faults } = self.store.open()?.sessions()?;
        let ids: BTreeSet<_> = sessions.iter().map(|session| session.id).collect();
        sessions.retain(|session| self.wants(session, screen.now));
        let most = if self.number == 0 { usize::MAX } else { self.number };
        let listed = &sessions[..sessions.len().min(most)];
        if self.json {
            for session in listed {
                screen.line(&as_json(session).to_string())?;
            }
            return Ok(Outcome::Fine);
        }
        if ids.is_empty() {
            let dir = agentops_core::push::shown(&self.store.dir);
            screen
                .line(&format!("no sessions in `{dir}` yet; run a program with agentops first"))?;
        } else {
            print_table(screen, listed, &ids)?;
            screen.line(&screen.styled(Style::Dim, &sums(listed, sessions.len(), ids.len())))?;
        }
        print_faults(screen, &faults)?;
        Ok(Outcome::Fine)
    }

    fn wants(&self, session: &SessionSummary, now: u64) -> bool {
        let is_recent = self.since.is_none_or(|since| session.start >= now.saturating_sub(since));
        let is_named = self.name.as_ref().is_none_or(|name| session.name.contains(name.as_str()));
        let is_tagged = self.tag.as_ref().is_none_or(|tag| session.tags.contains(tag));
        let has_failed = matches!(session.state, SessionState::Failed | SessionState::Aborted);
        let is_running = session.state == SessionState::Running;
        let is_in_state = (!self.failed || has_failed) && (!self.running || is_running);
        is_recent && is_named && is_tagged && is_in_state
    }
}

/// Alignment of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// Columns after the id and the name, with the columns that a narrow screen leaves out.
const COLUMNS: [(Align, bool); 8] = [
    (Align::Right, true),  // started
    (Align::Right, true),  // took
    (Align::Right, false), // spans
    (Align::Right, false), // model calls
    (Align::Right, true),  // tokens
    (Align::Right, true),  // cost
    (Align::Left, true),   // errors
    (Align::Left, true),   // state
];
/// Fewest columns of the screen for the columns that are not essential.
const WIDE: usize = 100;
/// Columns between two cells, and most and fewest of a name.
const GAP: usize = 2;
const NAME: [usize; 2] = [8, 32];

fn print_table(
    screen: &mut Screen<'_>,
    sessions: &[SessionSummary],
    ids: &BTreeSet<SessionId>,
) -> Result<(), Failure> {
    let is_wide = screen.columns >= WIDE;
    let columns = COLUMNS.iter().map(|(align, always)| (*align, *always || is_wide));
    let columns: Vec<_> = columns.collect();
    let rows: Vec<_> = sessions.iter().map(|session| cells(session, screen.now)).collect();
    let widths: Vec<_> = (0..columns.len())
        .map(|column| rows.iter().map(|cells| width(&cells[column].0)).max().unwrap_or_default())
        .collect();
    let shown = columns.iter().zip(&widths).filter(|((_, shown), width)| *shown && **width > 0);
    let unique: Vec<_> = sessions.iter().map(|session| unique_digits(session.id, ids)).collect();
    let digits = unique.iter().copied().max().unwrap_or_default().max(ID_DIGITS);
    let fixed: usize = digits + shown.map(|(_, width)| width + GAP).sum::<usize>();
    let longest = sessions.iter().map(|session| width(&name_of(session))).max().unwrap_or(0);
    let room =
        screen.columns.saturating_sub(fixed + GAP).clamp(NAME[0], NAME[1]).min(longest.max(1));
    for ((session, cells), unique) in sessions.iter().zip(&rows).zip(unique) {
        let mut line = id_cell(screen, session.id, unique, digits);
        let name = fit(&name_of(session), room);
        line.push_str(&format!("  {}{}", screen.styled(Style::Bold, &name), pad(room, &name)));
        for (((align, shown), (text, style)), columns) in columns.iter().zip(cells).zip(&widths) {
            if !shown || *columns == 0 {
                continue;
            }
            let (text, space) = (screen.styled_if(*style, text), pad(*columns, text));
            line.push_str("  ");
            line.push_str(&if *align == Align::Left { text + &space } else { space + &text });
        }
        screen.line(&line)?;
    }
    Ok(())
}

fn name_of(session: &SessionSummary) -> String {
    if session.name.is_empty() { "–".to_owned() } else { plain(&session.name) }
}

fn pad(columns: usize, text: &str) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// Fewest digits of an id that are shown.
const ID_DIGITS: usize = 8;

/// Returns the number of digits that name an id alone.
fn unique_digits(id: SessionId, ids: &BTreeSet<SessionId>) -> usize {
    let text = id.to_string();
    let common = |other: &SessionId| {
        let other = other.to_string();
        text.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
    };
    let beside = [ids.range(..id).next_back(), ids.range(id..).nth(1)];
    let common = beside.into_iter().flatten().map(common).max();
    common.map_or(1, |digits| (digits + 1).min(text.len()))
}

/// Returns the start of an id, with as much of it bright as names it alone.
fn id_cell(screen: &Screen<'_>, id: SessionId, unique: usize, digits: usize) -> String {
    let text = id.to_string();
    let (bright, rest) = text[..digits].split_at(unique);
    screen.styled(Style::Cyan, bright) + &screen.styled(Style::Dim, rest)
}

type Cell = (String, Option<Style>);

fn cells(session: &SessionSummary, now: u64) -> [Cell; 8] {
    let is_running = session.state == SessionState::Running;
    let end = if is_running { now } else { session.end };
    let took = short_duration(end.saturating_sub(session.start));
    let started = if is_running { "running".to_owned() } else { ago(session.start, now) };
    let errors = session.errors;
    let (state, style) = state_cell(session);
    [
        (started, Some(Style::Dim)),
        (took, None),
        (counted(session.spans, "span"), Some(Style::Dim)),
        (format!("{} llm", session.llm_calls), Some(Style::Dim)),
        (token_cell(session.input_tokens, session.output_tokens), None),
        (session.cost.map_or_else(|| "–".to_owned(), dollars), None),
        (if errors > 0 { format!("✗{errors}") } else { String::new() }, Some(Style::Red)),
        (state, Some(style)),
    ]
}

pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Formats tokens as `3.79k → 61`.
pub(super) fn token_cell(input: Option<u64>, output: Option<u64>) -> String {
    if input.is_none() && output.is_none() {
        return "–".to_owned();
    }
    let shown = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), tokens);
    format!("{} → {}", shown(input), shown(output))
}

/// Returns the word for a state.
pub(super) fn state_name(state: SessionState) -> &'static str {
    match state {
        SessionState::Running => "running",
        SessionState::Succeeded => "ok",
        SessionState::Failed => "failed",
        SessionState::Indeterminate => "cancelled",
        SessionState::ShutDown => "shut down",
        SessionState::Aborted => "aborted",
        SessionState::Unfinished => "no end",
    }
}

fn state_cell(session: &SessionSummary) -> (String, Style) {
    let style = match session.state {
        SessionState::Succeeded => Style::Green,
        SessionState::Failed | SessionState::Aborted => Style::Red,
        _ => Style::Yellow,
    };
    if session.step.is_empty() {
        return (state_name(session.state).to_owned(), style);
    }
    (plain(&session.step.join(" › ")), style)
}

/// Returns the last line: the sums of what is listed.
fn sums(listed: &[SessionSummary], found: usize, all: usize) -> String {
    let sum = |of: fn(&SessionSummary) -> Option<u64>| {
        listed.iter().filter_map(of).reduce(u64::saturating_add)
    };
    let cost = listed.iter().filter_map(|session| session.cost).reduce(|sum, usd| sum + usd);
    let (input, output) =
        (sum(|session| session.input_tokens), sum(|session| session.output_tokens));
    let errors: u64 = listed.iter().map(|session| session.errors).sum();
    let parts = [
        Some(format!("{} of {all} sessions", listed.len())),
        (found != all).then(|| format!("{found} match")),
        (input.or(output).is_some()).then(|| format!("{} tokens", token_cell(input, output))),
        cost.map(dollars),
        (errors > 0).then(|| counted(errors, "error")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Prints one quiet line about what could not be read.
pub(super) fn print_faults(screen: &mut Screen<'_>, faults: &Faults) -> Result<(), Failure> {
    let Some(first) = faults.first().first() else { return Ok(()) };
    let (count, path) = (faults.count(), agentops_core::push::shown(&first.path));
    let place = first.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
    let parts = if count == 1 { "1 part".to_owned() } else { format!("{count} parts") };
    let line = format!("{parts} could not be read, first `{path}`{place}: {}", first.reason);
    screen.line(&screen.styled(Style::Dim, &fit(&plain(&line), screen.columns)))?;
    Ok(())
}

fn as_json(session: &SessionSummary) -> serde_json::Value {
    json!({
        "id": session.id.to_string(),
        "name": session.name,
        "start_unix_nano": session.start,
        "end_unix_nano": session.end,
        "state": state_name(session.state),
        "spans": session.spans,
        "llm_calls": session.llm_calls,
        "input_tokens": session.input_tokens,
        "output_tokens": session.output_tokens,
        "cost_usd": session.cost,
        "errors": session.errors,
        "user": session.user,
        "tags": session.tags,
        "step": session.step,
        "bytes": session.bytes,
    })
}
