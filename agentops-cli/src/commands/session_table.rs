//! Table of sessions, one a line.

use std::collections::BTreeSet;

use super::{
    Failure,
    cells::{Align, Cell, GAP, ID_DIGITS, counted, pad, token_cell},
};
use crate::{
    store::{SessionId, SessionState, SessionSummary},
    terminal::{Screen, Style, ago, dollars, fit, plain, short_duration, width},
};

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
/// Fewest and most columns of a name.
const NAME: [usize; 2] = [8, 32];

/// Prints a line for each session; the bright part of its id names it among all.
pub(super) fn print_sessions(
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
        for (((align, shown), cell), columns) in columns.iter().zip(cells).zip(&widths) {
            if *shown && *columns > 0 {
                line.push_str("  ");
                line.push_str(&align.cell(screen, cell, *columns));
            }
        }
        screen.line(&line)?;
    }
    Ok(())
}

/// Returns the name of a session.
pub(super) fn name_of(session: &SessionSummary) -> String {
    if session.name.is_empty() { "–".to_owned() } else { plain(&session.name) }
}

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

/// Returns the style of that word.
pub(super) fn state_style(state: SessionState) -> Style {
    match state {
        SessionState::Succeeded => Style::Green,
        SessionState::Failed | SessionState::Aborted => Style::Red,
        _ => Style::Yellow,
    }
}

fn state_cell(session: &SessionSummary) -> (String, Style) {
    let style = state_style(session.state);
    if session.step.is_empty() {
        return (state_name(session.state).to_owned(), style);
    }
    (step_text(&session.step), style)
}

/// Returns what runs now, from the outside in.
pub(super) fn step_text(step: &[String]) -> String {
    plain(&step.join(" › "))
}
