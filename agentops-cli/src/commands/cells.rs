//! Cells and lines that several commands print.

use serde_json::{Value, json};

use super::Failure;
use crate::{
    rows::RollUp,
    store::{Faults, SessionId},
    terminal::{Screen, Style, fit, plain, tokens, width},
};

/// Columns between two cells.
pub(super) const GAP: usize = 2;
/// Digits of an id that are shown.
pub(super) const ID_DIGITS: usize = 8;

/// Text of a cell with its style.
pub(super) type Cell = (String, Option<Style>);

/// Alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

impl Align {
    /// Returns a cell in a column of this width.
    pub(super) fn cell(self, screen: &Screen<'_>, (text, style): &Cell, columns: usize) -> String {
        let (styled, space) = (screen.styled_if(*style, text), pad(columns, text));
        if self == Self::Left { styled + &space } else { space + &styled }
    }
}

/// Returns the spaces that are missing to a width.
pub(super) fn pad(columns: usize, text: &str) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// Formats a number of things.
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

/// Returns the sums of a span as JSON.
pub(super) fn sums_json(sums: &RollUp) -> Value {
    json!({
        "spans": sums.spans,
        "llm_calls": sums.llm_calls,
        "tool_calls": sums.tool_calls,
        "input_tokens": sums.input_tokens,
        "output_tokens": sums.output_tokens,
        "cached_tokens": sums.cached_tokens,
        "cost_usd": sums.cost,
        "errors": sums.errors,
    })
}

/// Prints one quiet line about what could not be read.
pub(super) fn print_faults(screen: &mut Screen<'_>, faults: &Faults) -> Result<(), Failure> {
    let Some(line) = faults_line(faults) else { return Ok(()) };
    screen.line(&screen.styled(Style::Dim, &fit(&plain(&line), screen.columns)))?;
    Ok(())
}

/// Returns the failure of a session without spans, with what could not be read.
pub(super) fn no_spans(session: SessionId, faults: &Faults) -> Failure {
    Failure::Usage(format!("session `{session}` has no spans yet{}", faults_part(faults)))
}

/// Returns the part of a message about what could not be read, or nothing.
pub(super) fn faults_part(faults: &Faults) -> String {
    faults_line(faults).map(|line| format!("; {line}")).unwrap_or_default()
}

/// Returns a line about what could not be read, if there is any.
pub(super) fn faults_line(faults: &Faults) -> Option<String> {
    let first = faults.first().first()?;
    let (parts, path) = (counted(faults.count(), "part"), agentops_core::push::shown(&first.path));
    let place = first.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
    Some(format!("{parts} could not be read, first `{path}`{place}: {}", first.reason))
}
