//! Totals of both sessions with their difference.

use super::Comparison;
use crate::{
    commands::Failure,
    diff::DiffSide,
    rows::SessionTotals,
    terminal::{Screen, Style, dollars, duration, tokens, width},
};

/// Row of the table.
#[derive(Clone, Debug)]
struct TotalRow {
    label: &'static str,
    /// Older and newer value; `None` if it is not known.
    values: [Option<f64>; 2],
    format: fn(f64) -> String,
}

/// Prints the totals.
pub(super) fn print(screen: &mut Screen<'_>, comparison: &Comparison<'_>) -> Result<(), Failure> {
    let rows = total_rows(comparison.sides.map(DiffSide::totals));
    let ids = comparison.sessions.map(|session| session.id.to_string()[..8].to_owned());
    let head =
        ["".to_owned(), ids[0].clone(), ids[1].clone(), "difference".to_owned(), String::new()];
    let lines: Vec<_> = std::iter::once(head).chain(rows.iter().map(TotalRow::cells)).collect();
    let widths: Vec<_> = (0..5)
        .map(|column| lines.iter().map(|cells| width(&cells[column])).max().unwrap_or_default())
        .collect();
    for (number, cells) in lines.iter().enumerate() {
        let mut line = format!("{:<1$}", cells[0], widths[0]);
        for (cell, columns) in cells.iter().zip(&widths).skip(1) {
            let space = " ".repeat(columns.saturating_sub(width(cell)));
            line.push_str(&format!("  {space}{cell}"));
        }
        let is_quiet = number == 0 || cells[3] == "=";
        screen.line(&screen.styled_if(is_quiet.then_some(Style::Dim), line.trim_end()))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn total_rows([older, newer]: [SessionTotals; 2]) -> Vec<TotalRow> {
    let row = |label, of: fn(&SessionTotals) -> Option<f64>, format| {
        let values = [of(&older), of(&newer)];
        TotalRow { label, values, format }
    };
    let count: fn(f64) -> String = |count| tokens(whole(count));
    let rows = [
        row("time", |totals| Some(totals.time() as f64), |nanos| duration(whole(nanos))),
        row("tokens in", |totals| totals.sums.input_tokens.map(|count| count as f64), count),
        row("tokens out", |totals| totals.sums.output_tokens.map(|count| count as f64), count),
        row("cost", |totals| totals.sums.cost, dollars),
        row("llm calls", |totals| Some(totals.sums.llm_calls as f64), count),
        row("tool calls", |totals| Some(totals.sums.tool_calls as f64), count),
        row("spans", |totals| Some(totals.sums.spans as f64), count),
        row("errors", |totals| Some(totals.sums.errors as f64), count),
    ];
    rows.into_iter().filter(|row| row.values != [None, None]).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are in range")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

impl TotalRow {
    fn cells(&self) -> [String; 5] {
        let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), self.format);
        let [older, newer] = self.values;
        let (difference, share) = match (older, newer) {
            (Some(older), Some(newer)) => (signed(newer - older, self.format), share(older, newer)),
            _ => ("–".to_owned(), String::new()),
        };
        [self.label.to_owned(), shown(older), shown(newer), difference, share]
    }
}

/// Formats a difference with its sign.
pub(super) fn signed(difference: f64, format: fn(f64) -> String) -> String {
    match difference {
        0.0 => "=".to_owned(),
        _ if difference < 0.0 => format!("−{}", format(-difference)),
        _ => format!("+{}", format(difference)),
    }
}

/// Formats a difference in percent of the older value.
fn share(older: f64, newer: f64) -> String {
    let percent = ((newer - older) / older * 100.0).round();
    if older == 0.0 || newer == older {
        return String::new();
    }
    signed_percent(percent)
}

fn signed_percent(percent: f64) -> String {
    match percent {
        0.0 => "< 1 %".to_owned(),
        _ if percent < 0.0 => format!("−{} %", -percent),
        _ => format!("+{percent} %"),
    }
}
