//! Captures values as bounded JSON.
//!
//! ```text
//! capture!(x) ─▶ Captured::{Both, Serialize, Debug, Opaque} ─▶ look (stops at max_len) ─▶ attribute
//!   chosen by the compiler, see `trait_probe`      only when a span is recorded, without credentials
//! ```

mod causes;
mod error_names;
mod list_ends;
mod outcome;
mod result_split;
mod stream_items;
mod trait_probe;

use std::{cell::Cell, fmt};

pub use self::{
    causes::{
        AsError, CauseProbe, Causes, ViaAsRef, ViaDeref, ViaError, ViaNoCauses, ViaOtherDeref,
        ViaPointer, ViaPointerToDeref,
    },
    outcome::{Failure, Message, Outcome, ToolOutcome},
    result_split::{Half, Split, SplitAny, SplitBreak, SplitResult},
    trait_probe::{
        AnswerProbe, Asked, ErrorProbe, Probe, RequestProbe, ToolProbe, ViaAnswer, ViaBoth,
        ViaDebug, ViaDebugError, ViaDisplayError, ViaNoRequest, ViaOpaque, ViaOpaqueError,
        ViaRequest, ViaSerialize, ViaSilence, ViaSuccess, ViaToolOutcome,
    },
};
pub(crate) use self::{
    causes::{HIDDEN, by_itself, holds, short},
    outcome::or_empty,
    stream_items::Items,
};
use self::{list_ends::append_ends, trait_probe::ToBoth};

use crate::{
    credential::{REDACTED, credential},
    inspect::{self, OPAQUE, SerializeStop, ToJson, Writer, Written, append_json, clipped},
    record::Extent,
};

/// Borrowed value together with the best available way to record it.
#[derive(Clone, Copy)]
pub enum Captured<'a> {
    /// Recorded by `Serialize`; by `Debug` if `Serialize` would wait for a lock or fails.
    Both(&'a dyn ToBoth),
    /// Recorded by `Serialize`.
    Serialize(&'a dyn ToJson),
    /// Recorded by `Debug`, as a JSON string; with the name of its type.
    Debug(&'a dyn fmt::Debug, &'static str),
    /// Recorded as `"<opaque>"`; with the name of its type.
    Opaque(&'static str),
    /// Recorded as `"<redacted>"`.
    Redacted,
    /// Named like a credential: recorded as `"<redacted>"` unless the recording of credentials is enabled.
    Credential(&'a Captured<'a>),
}

impl fmt::Debug for Captured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both(_) => "Both",
            Self::Serialize(_) => "Serialize",
            Self::Debug(..) => "Debug",
            Self::Opaque(_) => "Opaque",
            Self::Redacted => "Redacted",
            Self::Credential(_) => "Credential",
        })
    }
}

/// Serialises one value as valid JSON with at most about `max_len` bytes of content.
pub(crate) fn value(captured: &Captured<'_>, extent: Extent) -> String {
    written(|json| _ = append(json, captured, extent))
}

/// Serialises named values as one JSON object. `max_len` applies to each value separately.
pub(crate) fn object(values: &[(&'static str, Captured<'_>)], extent: Extent) -> String {
    object_by(append, values, extent)
}

/// Serialises the arguments of a model call as one JSON object. A list that is cut keeps its last element.
pub(crate) fn conversation(values: &[(&'static str, Captured<'_>)], extent: Extent) -> String {
    object_by(append_ends, values, extent)
}

fn object_by(
    append: impl Fn(&mut Vec<u8>, &Captured<'_>, Extent) -> bool,
    values: &[(&'static str, Captured<'_>)],
    extent: Extent,
) -> String {
    written(|json| {
        json.push(b'{');
        for (index, (name, captured)) in values.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            append_text(json, name);
            json.push(b':');
            match captured {
                Captured::Credential(value) => append_credential(json, name, value, extent),
                captured => _ = append(json, captured, extent),
            }
        }
        json.push(b'}');
    })
}

thread_local! {
    /// Reusable buffer for serialised values.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Maximum capacity of a buffer that is kept for reuse, in bytes.
const LONGEST_BUFFER: usize = 64 << 10;

/// Returns the JSON that `write` produces, in a string without spare capacity. A nested capture finds the buffer
/// taken and allocates another.
fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    // The thread keeps the buffer, and the span gets an exact copy: spans wait in the queue, where spare capacity would
    // be held for nothing.
    let mut json = BUFFER.try_with(Cell::take).unwrap_or_default();
    json.clear();
    write(&mut json);
    let text = str::from_utf8(&json).map_or_else(|_| format!("{OPAQUE:?}"), str::to_owned);
    if json.capacity() <= LONGEST_BUFFER {
        // During the destruction of thread-locals the buffer is gone; the JSON is simply freed.
        let _ = BUFFER.try_with(|buffer| buffer.set(json));
    }
    text
}

/// Returns a text of at most `max_len` bytes, cut at a char boundary and marked if it is too long.
pub(crate) fn text(display: impl fmt::Display, max_len: usize) -> String {
    clipped(display, max_len).0
}

/// Returns the `Debug` text of something that is not a captured value, such as an error.
pub(crate) fn debug_text(value: &dyn fmt::Debug, extent: Extent) -> String {
    inspect::debug_text(value, "", extent).0
}

/// Appends a value that is named like a credential: redacted, unless its JSON shows that it is harmless.
#[cold]
fn append_credential(json: &mut Vec<u8>, name: &str, captured: &Captured<'_>, extent: Extent) {
    let start = json.len();
    append(json, captured, extent);
    let shows = |json: &[u8]| {
        let written = str::from_utf8(json).unwrap_or_default();
        credential(name).is_none_or(|credential| credential.shows(written))
    };
    if extent.redacts && !shows(&json[start..]) {
        json.truncate(start);
        append_text(json, REDACTED);
    }
}

/// Appends a value's JSON. Returns `false` if it was cut.
fn append(json: &mut Vec<u8>, captured: &Captured<'_>, extent: Extent) -> bool {
    match captured {
        Captured::Both(value) => append_both(json, *value, extent),
        Captured::Serialize(_) => {
            match append_json(json, extent, |writer| written_by(captured, writer)) {
                Written::Refused(error) => append_word(json, &inspect::refused(&error)),
                Written::Locked => append_word(json, &inspect::refused("")),
                written => written == Written::Whole,
            }
        }
        Captured::Debug(value, of) => append_debug(json, *value, of, extent),
        Captured::Credential(value) if !extent.redacts => append(json, value, extent),
        Captured::Redacted | Captured::Credential(_) => append_word(json, REDACTED),
        Captured::Opaque(_) => append_word(json, OPAQUE),
    }
}

/// Serialises a value to the writer by its `Serialize`; fails if it has none.
fn written_by(captured: &Captured<'_>, writer: &mut Writer<'_>) -> Result<(), SerializeStop> {
    match captured {
        Captured::Both(value) => value.to_json(writer),
        Captured::Serialize(value) => value.to_json(writer),
        _ => Err(SerializeStop::Locked),
    }
}

fn append_both(json: &mut Vec<u8>, value: &dyn ToBoth, extent: Extent) -> bool {
    match append_json(json, extent, |writer| value.to_json(writer)) {
        Written::Refused(_) | Written::Locked => {
            let (value, of) = value.debug();
            append_debug(json, value, of, extent)
        }
        written => written == Written::Whole,
    }
}

fn append_debug(json: &mut Vec<u8>, value: &dyn fmt::Debug, of: &str, extent: Extent) -> bool {
    let (text, is_whole) = inspect::debug_text(value, of, extent);
    append_text(json, &text);
    is_whole
}

fn append_word(json: &mut Vec<u8>, word: &str) -> bool {
    append_text(json, word);
    true
}

fn append_text(json: &mut Vec<u8>, text: &str) {
    // Writing a string into a `Vec` cannot fail.
    let _ = serde_json::to_writer(json, text);
}

#[cfg(test)]
pub(crate) mod tests;
