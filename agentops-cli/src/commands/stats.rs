//! Command `agentops stats`: cost, tokens and durations by model, agent, tool or day.

use clap::Args;
use serde_json::json;

use super::{
    Failure, Outcome, StoreArgs,
    cells::{Align, Cell, GAP, pad, print_faults, token_cell},
    filter_args::FilterArgs,
};
use crate::{
    store::{Grouping, Store, Totals, TotalsList},
    terminal::{Screen, Style, dollars, duration, fit, plain, width},
};

/// Sum cost, tokens, calls, errors and durations up.
///
/// By model: model calls. By tool: tool calls. By agent: runs of the agent, and the model and tool calls of which it is
/// the innermost agent. By day: sessions by the day of their start in UTC, and their errors; else errors are calls
/// that failed. p50 and p95 are durations that 50 and 95 of 100 calls do not exceed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops stats                          by model, the most expensive first
  agentops stats --by agent --since 7d    which agent costs most this week
  agentops stats --failed --by tool       what failed sessions did
  agentops stats --by day --json          one JSON object a day, for scripts")]
pub(crate) struct Stats {
    #[command(flatten)]
    store: StoreArgs,

    /// Groups to sum up.
    #[arg(long, value_enum, default_value_t = Grouping::Model)]
    by: Grouping,

    #[command(flatten)]
    filter: FilterArgs,

    /// Print one JSON object a group.
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let totals = self.store.open()?.totals(self.by, &self.filter.filter(screen.now))?;
        if self.json {
            for group in &totals.groups {
                screen.line(&as_json(group).to_string())?;
            }
            return Ok(Outcome::Fine);
        }
        if totals.groups.is_empty() {
            let noun = if self.by == Grouping::Day { "sessions" } else { "calls" };
            screen.line(&format!("there are no such {noun}"))?;
        } else {
            print_table(screen, self.by, &totals)?;
        }
        print_faults(screen, &totals.faults)?;
        Ok(Outcome::Fine)
    }
}

/// Column after the name, with its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Calls,
    Errors,
    Tokens,
    Cost,
    P50,
    P95,
}

/// Columns from left to right.
const COLUMNS: [Column; 6] =
    [Column::Calls, Column::Errors, Column::Tokens, Column::Cost, Column::P50, Column::P95];
/// Columns that a narrow screen leaves out, the least important first.
const LEFT_OUT: [Column; 4] = [Column::P50, Column::P95, Column::Tokens, Column::Errors];
/// Fewest and most columns of a name.
const NAME: [usize; 2] = [12, 48];

impl Column {
    fn heading(self, by: Grouping) -> &'static str {
        match self {
            Self::Calls if by == Grouping::Day => "sessions",
            Self::Calls if by == Grouping::Agent => "runs",
            Self::Calls => "calls",
            Self::Errors => "errors",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::P50 => "p50",
            Self::P95 => "p95",
        }
    }

    fn cell(self, totals: &Totals) -> Cell {
        let percentile =
            |percent| totals.percentile(percent).map_or_else(|| "–".to_owned(), duration);
        match self {
            Self::Calls => (totals.calls.to_string(), None),
            Self::Errors if totals.errors > 0 => (format!("✗{}", totals.errors), Some(Style::Red)),
            Self::Errors => (String::new(), None),
            Self::Tokens => (token_cell(totals.input_tokens, totals.output_tokens), None),
            Self::Cost => (totals.cost.map_or_else(|| "–".to_owned(), dollars), None),
            Self::P50 => (percentile(50), Some(Style::Dim)),
            Self::P95 => (percentile(95), Some(Style::Dim)),
        }
    }
}

fn print_table(screen: &mut Screen<'_>, by: Grouping, totals: &TotalsList) -> Result<(), Failure> {
    let total = ("total".to_owned(), &totals.all);
    let rows = totals.groups.iter().map(|group| (name(group, by), group)).chain([total]);
    let rows: Vec<_> = rows.collect();
    let longest = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    let (columns, room) = fitting_columns(screen.columns, by, &rows);
    let room = room.clamp(NAME[0], NAME[1]).min(longest);
    let line = |screen: &Screen<'_>, name: &str, cell: &dyn Fn(Column) -> Cell| {
        let cells = columns.iter().map(|(column, width)| {
            "  ".to_owned() + &Align::Right.cell(screen, &cell(*column), *width)
        });
        let name = fit(name, room);
        name.clone() + &pad(room, &name) + &cells.collect::<String>()
    };
    let heading = |column: Column| (column.heading(by).to_owned(), Some(Style::Dim));
    screen.line(&line(screen, "", &heading))?;
    for (name, totals) in &rows {
        screen.line(&line(screen, name, &|column| column.cell(totals)))?;
    }
    Ok(())
}

/// Returns the columns that the screen has room for, with their widths, and the room that is left for the name.
fn fitting_columns(
    screen: usize,
    by: Grouping,
    rows: &[(String, &Totals)],
) -> (Vec<(Column, usize)>, usize) {
    let wide = |column: &Column| {
        let cells = rows.iter().map(|(_, totals)| width(&column.cell(totals).0));
        let longest = cells.max().unwrap_or_default();
        // A column of nothing has no heading.
        if longest == 0 { 0 } else { longest.max(width(column.heading(by))) }
    };
    let columns = COLUMNS.iter().map(|column| (*column, wide(column)));
    let mut columns: Vec<_> = columns.filter(|(_, width)| *width > 0).collect();
    let mut left_out = LEFT_OUT.iter();
    loop {
        let used: usize = columns.iter().map(|(_, width)| width + GAP).sum();
        match left_out.next() {
            Some(column) if used + NAME[0] > screen => columns.retain(|(kept, _)| kept != column),
            _ => return (columns, screen.saturating_sub(used)),
        }
    }
}

/// Returns the name of a group on one line.
fn name(group: &Totals, by: Grouping) -> String {
    group.name.as_deref().map_or_else(|| by.no_name().to_owned(), plain)
}

fn as_json(group: &Totals) -> serde_json::Value {
    json!({
        "name": group.name,
        "calls": group.calls,
        "errors": group.errors,
        "input_tokens": group.input_tokens,
        "output_tokens": group.output_tokens,
        "cost_usd": group.cost,
        "p50_nano": group.percentile(50),
        "p95_nano": group.percentile(95),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::command_run::{DAY, NOW, parsed, printed},
        store::fixture::{TestFolder, TestSpan},
    };

    const MILLI: u64 = 1_000_000;

    fn run(folder: &TestFolder, columns: usize, args: &[&str]) -> String {
        let dir = folder.arg();
        let stats: Stats = parsed(&[args, &[&dir]].concat());
        let (outcome, out) = printed(columns, |screen| stats.run(screen));
        assert_eq!(outcome.unwrap(), Outcome::Fine);
        let is_narrow = |line: &str| line.starts_with('{') || width(line) <= columns;
        assert!(out.lines().all(is_narrow), "{out}");
        out
    }

    fn span(session: u128, id: u64, parent: u64, title: &str, millis: u64) -> TestSpan {
        let start = NOW - session as u64 * DAY;
        TestSpan::new(session, id, parent, title).at(start, start + millis * MILLI)
    }

    fn llm(session: u128, id: u64, parent: u64, model: &str, millis: u64) -> TestSpan {
        span(session, id, parent, "llm answer", millis)
            .text("gen_ai.response.model", model)
            .count("gen_ai.usage.input_tokens", 1_000)
            .count("gen_ai.usage.output_tokens", 10)
    }

    /// Returns sessions of one and two days ago.
    ///
    /// ```text
    /// session 1   agent research   agent writer   llm large
    ///                              llm small
    ///                              tool search
    /// session 2   llm small
    /// ```
    fn folder() -> TestFolder {
        let folder = TestFolder::new();
        let spans = [
            llm(1, 4, 3, "small", 20).number("agentops.usage.cost_usd", 0.002),
            span(1, 5, 3, "tool search", 7).failed("timeout"),
            span(1, 3, 2, "agent writer", 40),
            llm(1, 6, 2, "large", 90).number("agentops.usage.cost_usd", 0.5),
            span(1, 2, 1, "agent research", 200),
        ];
        let root = span(1, 1, 0, "session ask", 250)
            .number("agentops.session.cost_usd", 0.502)
            .count("agentops.session.tokens.input", 2_000)
            .count("agentops.session.tokens.output", 20)
            .count("agentops.session.errors", 1);
        folder.write(1, &[&spans, &[root.ended()]]);
        let root = span(2, 1, 0, "session ask", 150)
            .count("agentops.session.tokens.input", 1_000)
            .count("agentops.session.tokens.output", 10);
        folder.write(2, &[&[llm(2, 2, 1, "small", 80)], &[root.ended()]]);
        folder
    }

    #[test]
    fn stats_count_calls_for_innermost_agent() {
        let heading = "            runs      tokens     cost      p50      p95\n";
        let rows = "\
research       1  1.00k → 10    $0.50   200 ms   200 ms
writer         1  1.00k → 10  $0.0020  40.0 ms  40.0 ms
(no agent)     0  1.00k → 10        –        –        –
total          2  3.00k → 30    $0.50  40.0 ms   200 ms
";
        assert_eq!(run(&folder(), 80, &["--by", "agent"]), heading.to_owned() + rows);
    }

    #[test]
    fn stats_without_calls_say_so() {
        let none = run(&folder(), 80, &["--by", "tool", "--since", "1h"]);
        assert_eq!(none, "there are no such calls\n");
    }

    #[test]
    fn stats_leave_columns_out_on_narrow_screen() {
        let heading = "            runs      tokens     cost\n";
        let rows = "\
research       1  1.00k → 10    $0.50
writer         1  1.00k → 10  $0.0020
(no agent)     0  1.00k → 10        –
total          2  3.00k → 30    $0.50
";
        assert_eq!(run(&folder(), 40, &["--by", "agent"]), heading.to_owned() + rows);
    }
}
