//! Captures both ends of a list that is too long: the arguments of a model call begin with the instructions and
//! end with the newest message.

use super::{Captured, append, written_by};
use crate::{
    inspect::{Writer, append_json},
    record::Extent,
};

/// Appends a value's JSON. A list that has to be cut keeps its last element. Returns `false` if it was cut.
pub(super) fn append_ends(json: &mut Vec<u8>, captured: &Captured<'_>, extent: Extent) -> bool {
    let start = json.len();
    if append(json, captured, extent) {
        return true;
    }
    if json.get(start) != Some(&b'[') {
        return false;
    }
    // Serialised twice, but only what is too long: the first pass has shown that the list does not fit.
    let Some(last) = last_of(captured, Extent { max_len: extent.max_len / 2, ..extent }) else {
        return false;
    };
    json.truncate(start);
    append(json, captured, Extent { max_len: extent.max_len.saturating_sub(last.len()), ..extent });
    if json.get(start) == Some(&b'[') {
        json.pop();
        json.push(b',');
        json.extend_from_slice(&last[1..]);
    }
    false
}

/// Returns the last element of a list, as a list of one; `None` if no other element comes before it.
fn last_of(captured: &Captured<'_>, extent: Extent) -> Option<Vec<u8>> {
    let mut last = Vec::new();
    let write = |writer: &mut Writer<'_>| {
        writer.skip_to_last();
        written_by(captured, writer)
    };
    let written = append_json(&mut last, extent, write);
    (written.is_json() && last.len() > "[]".len()).then_some(last)
}
