//! Length of attribute values, and truncation of values that are too long.

use opentelemetry::{Array, StringValue, Value};

use crate::{inspect::TRUNCATED, text::prefix};

/// Estimated overhead in bytes of a text, and estimated size of a list item that is not a text.
pub(crate) const PIECE: usize = 32;

/// Returns the estimated length of a value in bytes: its texts, plus [`PIECE`] for each item of a list.
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

/// Cuts a value longer than `longest` bytes.
pub(crate) fn cut_value(value: &mut Value, longest: usize) {
    if length_of(value) <= longest {
        return;
    }
    *value = match &*value {
        Value::String(text) => cut(text.as_str(), longest).into(),
        Value::Array(Array::String(texts)) => Value::Array(Array::String(start_of(texts, longest))),
        // A list of numbers cannot hold the truncation mark, so it is cut as text.
        other => cut(&other.as_str(), longest).into(),
    };
}

/// Returns the beginning of a text that is too long, followed by the truncation mark.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    format!("{}{TRUNCATED}", prefix(text, longest.saturating_sub(TRUNCATED.len())))
}

/// Returns the first texts that fit, followed by the truncation mark.
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
