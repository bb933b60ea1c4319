//! The length of a value, and what is left of one that is too long: its start and the usual mark.

use opentelemetry::{Array, StringValue, Value};

use crate::look::{TRUNCATED, floor};

/// So much counts what holds a text, and an item of a list that is none.
pub(crate) const PIECE: usize = 32;

/// The bytes of the texts of a value, with some for each item of a list.
pub(crate) fn length_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| PIECE + text.as_str().len()).sum()
        }
        Value::Array(Array::Bool(items)) => items.len() * PIECE,
        Value::Array(Array::I64(items)) => items.len() * PIECE,
        Value::Array(Array::F64(items)) => items.len() * PIECE,
        _ => 0,
    }
}

/// Cuts a value that is longer than this.
pub(crate) fn cut_value(value: &mut Value, longest: usize) {
    if length_of(value) <= longest {
        return;
    }
    *value = match &*value {
        Value::String(text) => cut(text.as_str(), longest).into(),
        Value::Array(Array::String(texts)) => Value::Array(Array::String(start_of(texts, longest))),
        // A list of numbers has no place for a mark: the start of its text has.
        other => cut(&other.as_str(), longest).into(),
    };
}

/// The start of a text that is too long.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    format!("{}{TRUNCATED}", floor(text, longest.saturating_sub(TRUNCATED.len())))
}

/// The first of some texts, and the mark.
fn start_of(texts: &[StringValue], longest: usize) -> Vec<StringValue> {
    let mut room = longest.saturating_sub(PIECE + TRUNCATED.len());
    let fits = |text: &&StringValue| {
        let takes = PIECE + text.as_str().len();
        let fits = takes <= room;
        room = room.saturating_sub(takes);
        fits
    };
    texts.iter().take_while(fits).cloned().chain([TRUNCATED.into()]).collect()
}
