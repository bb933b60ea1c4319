//! Span on the terminal: kind, name, mark, model, tokens and cost in a line, with error, input and output below it.

use super::{Failure, cells::token_cell};
use crate::{
    rows::RollUp,
    store::SpanRow,
    terminal::{Screen, Style, dollars, fit, plain, width, wrap},
};

/// Columns of a duration.
pub(super) const DURATION: usize = 12;

/// Cells of a line.
pub(super) struct SpanCells<'c> {
    pub(super) kind: &'c str,
    pub(super) name: &'c str,
    /// Number of equal siblings.
    pub(super) count: usize,
    pub(super) mark: Option<(&'static str, Style)>,
    pub(super) detail: &'c str,
    pub(super) time: &'c str,
}

impl SpanCells<'_> {
    /// Returns the text of the left side, and the columns it takes: the name gives way, then the detail.
    pub(super) fn fitted(&self, screen: &Screen<'_>, room: usize) -> (String, usize) {
        let count = if self.count > 1 { format!(" ×{}", self.count) } else { String::new() };
        let mark = self.mark.map(|(mark, _)| format!(" {mark}")).unwrap_or_default();
        let kind = fit(&plain(self.kind), 12);
        let fixed = width(&kind) + 1 + width(&count) + width(&mark) + 1;
        let name = fit(&plain(self.name), room.saturating_sub(fixed).max(8));
        let left = room.saturating_sub(fixed + width(&name) + 2);
        let detail = if left >= 8 && !self.detail.is_empty() {
            format!("  {}", fit(self.detail, left))
        } else {
            String::new()
        };
        let used = fixed - 1 + width(&name) + width(&detail);
        let style = self.mark.map(|(_, style)| style);
        let text = [
            screen.styled(Style::Dim, &kind),
            " ".to_owned(),
            screen.styled(Style::Bold, &name),
            screen.styled(Style::Dim, &count),
            screen.styled_if(style, &mark),
            screen.styled(Style::Cyan, &detail),
        ];
        (text.concat(), used)
    }
}

/// Returns the mark of a span whose end was not an ordinary one.
pub(super) fn mark_of(row: &SpanRow) -> Option<(&'static str, Style)> {
    match row {
        row if row.error.is_some() => Some(("✗", Style::Red)),
        row if row.marks.is_cancelled => Some(("⊘ cancelled", Style::Dim)),
        row if row.marks.is_unfinished => Some(("unfinished", Style::Yellow)),
        row if row.marks.is_late => Some(("after the end", Style::Dim)),
        _ => None,
    }
}

/// Returns model, tokens and cost.
pub(super) fn detail(model: Option<&str>, sums: &RollUp) -> String {
    let has_tokens = sums.input_tokens.is_some() || sums.output_tokens.is_some();
    let tokens = has_tokens.then(|| token_cell(sums.input_tokens, sums.output_tokens));
    let parts = [model.map(plain), tokens, sums.cost.map(dollars)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Prints the error of a span, whole, and its input and output as far as there are such texts, behind branches of a tree.
pub(super) fn print_texts(
    screen: &mut Screen<'_>,
    trunk: &str,
    error: Option<&str>,
    [input, output]: [Option<&str>; 2],
) -> Result<(), Failure> {
    let room = screen.columns.saturating_sub(width(trunk) + 2).max(20);
    let branches = screen.styled(Style::Dim, trunk);
    if let Some(error) = error {
        let error = if error.is_empty() { "failed" } else { error };
        for part in wrap(error, room) {
            screen.line(&format!("{branches}  {}", screen.styled(Style::Red, &part)))?;
        }
    }
    for (label, text) in [("in ", input), ("out", output)] {
        if let Some(text) = text {
            let text = fit(&plain(text), room.saturating_sub(5));
            let label = screen.styled(Style::Dim, label);
            screen.line(&format!("{branches}  {label}  {text}"))?;
        }
    }
    Ok(())
}
