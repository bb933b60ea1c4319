//! Rows of a diff as lines: what is the same is folded.

use crate::diff::{DiffRow, DiffSide};

/// Line of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowLine {
    Row(usize),
    /// Number of equal spans, and their depth.
    Equal {
        spans: usize,
        depth: usize,
    },
}

/// Folding of what is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folding {
    Folded,
    Unfolded,
}

/// Returns the lines of a diff.
pub(super) fn row_lines(
    rows: &[DiffRow],
    sides: [&DiffSide<'_>; 2],
    folding: Folding,
) -> Vec<RowLine> {
    let depths: Vec<_> = rows.iter().map(|row| row.depth(sides)).collect();
    let is_shown = shown(rows, &depths, folding);
    let (mut lines, mut row) = (Vec::new(), 0);
    while row < rows.len() {
        if is_shown[row] {
            lines.push(RowLine::Row(row));
            row += 1;
            continue;
        }
        // Equal siblings, with all below them.
        let depth = depths[row];
        let spans = (row..rows.len()).take_while(|row| !is_shown[*row] && depths[*row] >= depth);
        let spans = spans.count();
        lines.push(if spans == 1 { RowLine::Row(row) } else { RowLine::Equal { spans, depth } });
        row += spans;
    }
    lines
}

/// Returns which rows are shown: those that differ, and all above them.
fn shown(rows: &[DiffRow], depths: &[usize], folding: Folding) -> Vec<bool> {
    let is_different = |row: &DiffRow| !matches!(row, DiffRow::Same { .. });
    let mut is_shown: Vec<_> =
        rows.iter().map(|row| folding == Folding::Unfolded || is_different(row)).collect();
    let mut above: Vec<usize> = Vec::new();
    for row in 0..rows.len() {
        above.truncate(depths[row]);
        if is_shown[row] {
            for parent in above.iter().rev() {
                if std::mem::replace(&mut is_shown[*parent], true) {
                    break;
                }
            }
        }
        above.push(row);
    }
    is_shown
}
