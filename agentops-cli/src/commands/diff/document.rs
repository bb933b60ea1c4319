//! Diff as JSON.

use std::io;

use serde_json::{Value, json};

use super::Comparison;
use crate::{
    commands::{Failure, cells::sums_json},
    diff::{Departure, Detail, DiffRow, Difference, NodeTexts, details},
    terminal::Screen,
};

/// Most characters of a text.
const TEXT: usize = 1 << 10;

/// Prints the diff as one JSON object.
pub(super) fn print(screen: &mut Screen<'_>, comparison: &Comparison<'_>) -> Result<(), Failure> {
    let rows: Vec<_> = comparison.diff.rows.iter().map(|row| row_json(comparison, row)).collect();
    let document = json!({
        "older": session_json(comparison, 0),
        "newer": session_json(comparison, 1),
        "is_same": comparison.diff.is_empty(),
        "sentence": comparison.sentence,
        "first_difference": comparison.diff.departure().map(departure_json),
        "rows": rows,
    });
    Ok(screen.line(&serde_json::to_string_pretty(&document).map_err(io::Error::from)?)?)
}

fn session_json(comparison: &Comparison<'_>, side: usize) -> Value {
    let (session, of_side) = (comparison.sessions[side], comparison.sides[side]);
    let totals = of_side.totals();
    let mut json = sums_json(&totals.sums);
    json["id"] = json!(session.id.to_string());
    json["name"] = json!(of_side.title(0).1);
    json["start_unix_nano"] = json!(of_side.tree.nodes()[0].start);
    json["time_nano"] = json!(totals.time());
    json["unreadable"] = json!(session.spans.faults.count());
    json
}

fn departure_json(departure: &Departure) -> Value {
    let (difference, change, replaced_by) = match departure.difference {
        Difference::Removed => ("removed", None, None),
        Difference::Added => ("added", None, None),
        Difference::Replaced(row) => ("replaced", None, Some(row)),
        Difference::Changed(change) => ("changed", Some(change.word()), None),
    };
    json!({
        "row": departure.row,
        "call": departure.call,
        "same_calls": departure.same_calls,
        "difference": difference,
        "change": change,
        "replaced_by_row": replaced_by,
        "model_call_before": departure.asked.map(|asked| asked.call),
    })
}

fn row_json(comparison: &Comparison<'_>, row: &DiffRow) -> Value {
    let (side, node) = row.newest();
    let (kind, name) = comparison.sides[side].title(node);
    let [older, newer] =
        [0, 1].map(|side| row.nodes()[side].map(|node| span_json(comparison, side, node)));
    let none = NodeTexts::default();
    let texts = comparison.texts_of(row).map(|texts| texts.unwrap_or(&none));
    let changes = details(comparison.sides, row, texts, TEXT);
    json!({
        "state": row.state(),
        "depth": row.depth(comparison.sides),
        "kind": kind,
        "name": name,
        "older": older,
        "newer": newer,
        "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
    })
}

fn span_json(comparison: &Comparison<'_>, side: usize, node: usize) -> Value {
    let (place, sums) =
        (comparison.sides[side].tree.nodes()[node], comparison.sides[side].sums[node]);
    json!({
        "id": place.id.to_string(),
        "time_nano": place.end.saturating_sub(place.start),
        "input_tokens": sums.input_tokens,
        "output_tokens": sums.output_tokens,
        "cost_usd": sums.cost,
    })
}

fn change_json(Detail { change, older, newer }: &Detail) -> Value {
    json!({ "change": change.word(), "older": older, "newer": newer })
}
