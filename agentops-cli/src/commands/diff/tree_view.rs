//! Diff on the terminal: where the sessions part, the tree with what differs, the totals.

use super::{
    Comparison,
    folded_rows::{Folding, RowLine, row_lines},
    totals_table::{self, signed},
};
use crate::{
    commands::{
        Failure,
        cells::{print_faults, token_cell},
    },
    diff::{Detail, DiffRow, NodeTexts, call_text, details},
    terminal::{Screen, Style, ago, duration, fit, plain, width, wrap},
};

/// Columns of a duration, and of its difference.
const DURATION: usize = 12;
/// Deepest level that is indented.
const DEEPEST: usize = 12;
/// Columns of the word for a change.
const WORD: usize = 6;

/// Prints the diff.
pub(super) fn print(
    screen: &mut Screen<'_>,
    comparison: &Comparison<'_>,
    all: bool,
) -> Result<(), Failure> {
    print_head(screen, comparison)?;
    let folding = if all { Folding::Unfolded } else { Folding::Folded };
    for line in row_lines(&comparison.diff.rows, comparison.sides, folding) {
        match line {
            RowLine::Row(row) => print_row(screen, comparison, &comparison.diff.rows[row])?,
            RowLine::Equal { spans, depth } => {
                let text = format!("  {}… {spans} equal spans", indent(depth));
                screen.line(&screen.styled(Style::Dim, &text))?;
            }
        }
    }
    screen.line("")?;
    totals_table::print(screen, comparison)?;
    comparison.sessions.iter().try_for_each(|session| print_faults(screen, &session.spans.faults))
}

fn print_head(screen: &mut Screen<'_>, comparison: &Comparison<'_>) -> Result<(), Failure> {
    for (side, mark) in [(0, "-"), (1, "+")] {
        let root = comparison.sides[side].tree.nodes()[0];
        let name = fit(&plain(comparison.sides[side].title(0).1), screen.columns / 3);
        let id = comparison.sessions[side].id.to_string();
        let age = ago(root.start, screen.now);
        let room = screen.columns.saturating_sub(width(&name) + 4);
        let facts = screen.styled(Style::Dim, &fit(&format!("{id}  {age}"), room));
        let name = screen.styled(Style::Bold, &name);
        let mark = screen.styled(style_of(mark), mark);
        screen.line(&format!("{mark} {name}  {facts}"))?;
    }
    let columns = screen.columns;
    for line in comparison.note.iter().flat_map(|note| wrap(note, columns)) {
        screen.line(&screen.styled(Style::Dim, &line))?;
    }
    screen.line("")?;
    for line in wrap(&plain(&comparison.sentence), screen.columns) {
        screen.line(&screen.styled(Style::Bold, &line))?;
    }
    Ok(screen.line("")?)
}

fn style_of(mark: &str) -> Style {
    match mark {
        "-" => Style::Red,
        "+" => Style::Green,
        _ => Style::Yellow,
    }
}

fn indent(depth: usize) -> String {
    let spaces = "  ".repeat(depth.min(DEEPEST));
    if depth > DEEPEST { format!("{}… ", &spaces[2..]) } else { spaces }
}

fn print_row(
    screen: &mut Screen<'_>,
    comparison: &Comparison<'_>,
    row: &DiffRow,
) -> Result<(), Failure> {
    let mark = match row {
        DiffRow::Same { .. } => " ",
        DiffRow::Changed { .. } => "~",
        DiffRow::Removed { .. } => "-",
        DiffRow::Added { .. } => "+",
    };
    let style = (mark != " ").then(|| style_of(mark));
    let indent = indent(row.depth(comparison.sides));
    let right = 2 * DURATION;
    let room = screen.columns.saturating_sub(right + width(&indent) + 2);
    let (left, used) = title_cell(screen, comparison, row, room);
    let space = " ".repeat(room.saturating_sub(used));
    let times = screen.styled(Style::Dim, &times(comparison, row));
    let mark = screen.styled_if(style, mark);
    screen.line(&format!("{mark} {indent}{left}{space}{times}"))?;
    print_details(screen, comparison, row, &indent)
}

/// Returns kind, name, and tokens of a row, with the columns they take; the name gives way, then the tokens.
fn title_cell(
    screen: &Screen<'_>,
    comparison: &Comparison<'_>,
    row: &DiffRow,
    room: usize,
) -> (String, usize) {
    let (side, node) = row.newest();
    let (kind, name) = comparison.sides[side].title(node);
    let is_single = matches!(row, DiffRow::Removed { .. } | DiffRow::Added { .. });
    let texts = comparison.texts_of(row)[side].filter(|_| is_single && kind != "llm");
    let input = texts.and_then(|texts| texts.input.as_deref());
    let name = input.map_or_else(|| name.to_owned(), |input| call_text(name, Some(input)));
    let kind = fit(&plain(kind), 12);
    let name = fit(&plain(&name), room.saturating_sub(width(&kind) + 2).max(8));
    let left = room.saturating_sub(width(&kind) + width(&name) + 4);
    let tokens = tokens(comparison, row);
    let tokens = if left >= 8 && !tokens.is_empty() {
        format!("  {}", fit(&tokens, left))
    } else {
        String::new()
    };
    let used = width(&kind) + 1 + width(&name) + width(&tokens);
    let text = [
        screen.styled(Style::Dim, &kind),
        " ".to_owned(),
        screen.styled(Style::Bold, &name),
        screen.styled(Style::Cyan, &tokens),
    ];
    (text.concat(), used)
}

/// Returns the tokens, with those of the older session if they are others.
fn tokens(comparison: &Comparison<'_>, row: &DiffRow) -> String {
    let cells = [0, 1].map(|side| {
        let sums = comparison.sides[side].sums[row.nodes()[side]?];
        let has_tokens = sums.input_tokens.is_some() || sums.output_tokens.is_some();
        has_tokens.then(|| token_cell(sums.input_tokens, sums.output_tokens))
    });
    match cells {
        [Some(older), Some(newer)] if older != newer => format!("{newer} (was {older})"),
        [_, Some(cell)] | [Some(cell), None] => cell,
        [None, None] => String::new(),
    }
}

/// Returns the duration of the newest span, and the difference to the older one.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn times(comparison: &Comparison<'_>, row: &DiffRow) -> String {
    let times = [0, 1].map(|side| {
        let place = comparison.sides[side].tree.nodes()[row.nodes()[side]?];
        Some(place.end.saturating_sub(place.start))
    });
    let shown = |nanos: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no time is negative"
        )]
        duration(nanos as u64)
    };
    let newest = times[1].or(times[0]).unwrap_or_default();
    let difference = match times {
        [Some(older), Some(newer)] => signed(newer as f64 - older as f64, shown),
        [_, None] => "gone".to_owned(),
        [None, _] => "new".to_owned(),
    };
    format!("{:>DURATION$}{difference:>DURATION$}", duration(newest))
}

fn print_details(
    screen: &mut Screen<'_>,
    comparison: &Comparison<'_>,
    row: &DiffRow,
    indent: &str,
) -> Result<(), Failure> {
    let room = screen.columns.saturating_sub(width(indent) + WORD + 7).max(20);
    let (none, texts) = (NodeTexts::default(), comparison.texts_of(row));
    let has_texts = texts.iter().any(Option::is_some);
    for detail in details(comparison.sides, row, texts.map(|texts| texts.unwrap_or(&none)), room) {
        let Detail { change, older, newer } = detail;
        let word = format!("{:<WORD$}", change.word());
        if !has_texts {
            screen.line(&format!("    {indent}{}", screen.styled(Style::Dim, &word)))?;
            continue;
        }
        for (mark, text) in [("-", older), ("+", newer)] {
            let Some(text) = text else { continue };
            let text = fit(&plain(&text), room);
            let line = screen.styled(style_of(mark), &format!("{mark} {text}"));
            screen.line(&format!("    {indent}{} {line}", screen.styled(Style::Dim, &word)))?;
        }
    }
    Ok(())
}
