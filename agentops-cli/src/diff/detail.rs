//! Details of a changed span: each change as it was and as it is.

use serde_json::Value;

use super::{
    call_text::excerpts,
    diff_row::{Change, DiffRow},
    diff_side::{DiffSide, NodeTexts},
};

/// Change of a span, with short texts that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) change: Change,
    pub(crate) older: Option<String>,
    pub(crate) newer: Option<String>,
}

/// Returns the details of a row, with texts of at most this many characters.
pub(crate) fn details(
    sides: [&DiffSide<'_>; 2],
    row: &DiffRow,
    texts: [&NodeTexts; 2],
    most: usize,
) -> Vec<Detail> {
    let [Some(a), Some(b)] = row.nodes() else { return Vec::new() };
    let [older, newer] = sides;
    let title = |side: &DiffSide<'_>, node| {
        let (kind, name) = side.title(node);
        Some(format!("{kind} {name}"))
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let detail = |change: &Change| {
        let both = match change {
            Change::Name => [title(older, a), title(newer, b)],
            Change::Model => [older.model(a), newer.model(b)].map(owned),
            Change::Input => texts.map(|texts| texts.input.as_deref().map(normal)),
            Change::Error => [older.error(a), newer.error(b)].map(owned),
            Change::End => [Some(older.end(a)), Some(newer.end(b))].map(owned),
            Change::Output => texts.map(|texts| texts.output.as_deref().map(normal)),
        };
        let [older, newer] = shortened(&both, most);
        Detail { change: *change, older, newer }
    };
    row.changes().iter().map(detail).collect()
}

fn shortened(texts: &[Option<String>; 2], most: usize) -> [Option<String>; 2] {
    let [older, newer] = excerpts(texts.each_ref().map(|text| text.as_deref().unwrap_or("")), most);
    [texts[0].as_ref().map(|_| older), texts[1].as_ref().map(|_| newer)]
}

/// Returns JSON without space and with its keys in order; any other text as it is.
fn normal(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |json| json.to_string())
}
