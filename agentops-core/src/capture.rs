//! A value → bounded JSON.
//!
//! ```text
//! capture!(x) ─▶ Captured::{Serialize, Debug, Opaque} ─▶ json::Writer (stops at max_len) ─▶ attribute
//!   chosen by the compiler, see `probe`      only when a span is recorded, without credentials
//! ```

mod causes;
mod debug;
mod items;
mod json;
mod known;
mod outcome;
mod probe;
mod split;

use std::{cell::Cell, fmt};

use self::json::{Stop, ToJson, Writer};
pub use self::{
    causes::{
        AsError, CauseProbe, Causes, ViaAsRef, ViaDeref, ViaError, ViaNoCauses, ViaOtherDeref,
        ViaPointer, ViaPointerToDeref,
    },
    outcome::{Failure, Message, Outcome, ToolOutcome},
    probe::{
        AnswerProbe, Asked, ErrorProbe, Probe, RequestProbe, ToolProbe, ViaAnswer, ViaDebug,
        ViaDebugError, ViaDisplayError, ViaNoRequest, ViaOpaque, ViaOpaqueError, ViaRequest,
        ViaSerialize, ViaSilence, ViaSuccess, ViaToolOutcome,
    },
    split::{Half, Split, SplitAny, SplitBreak, SplitResult},
};
pub(crate) use self::{
    causes::{HIDDEN, by_itself, holds, short},
    items::Items,
    outcome::or_empty,
};

use crate::{
    credential::{REDACTED, credential},
    extent::Extent,
    guarded::guarded,
};

/// What is recorded of a value that is neither `Serialize` nor `Debug`.
pub(crate) const OPAQUE: &str = "<opaque>";
/// What is recorded of a value whose own `Serialize` or `Debug` panics.
const PANICKED: &str = "<panicked>";
/// What stands where a value was cut.
const TRUNCATED: &str = "…[truncated]";

/// A borrowed value together with the best way to record it.
#[derive(Clone, Copy)]
pub enum Captured<'a> {
    /// By its `Serialize`.
    Serialize(&'a dyn ToJson),
    /// By its `Debug`, as a JSON string; with the name of its type.
    Debug(&'a dyn fmt::Debug, &'static str),
    /// As `"<opaque>"`.
    Opaque,
    /// As `"<redacted>"`.
    Redacted,
    /// As `"<redacted>"`, for it is named like a credential, unless credentials are to be recorded.
    Credential(&'a Captured<'a>),
}

impl fmt::Debug for Captured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Serialize(_) => "Serialize",
            Self::Debug(..) => "Debug",
            Self::Opaque => "Opaque",
            Self::Redacted => "Redacted",
            Self::Credential(_) => "Credential",
        })
    }
}

/// One value as valid JSON, of which at most about `max_len` bytes are content.
pub(crate) fn value(captured: &Captured<'_>, extent: Extent) -> String {
    written(|json| _ = append(json, captured, extent))
}

/// Named values as one JSON object; each value is bounded by `max_len` of its own.
pub(crate) fn object(values: &[(&'static str, Captured<'_>)], extent: Extent) -> String {
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
    /// What is written into, again and again.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A buffer that has become longer is given up.
const LONGEST_BUFFER: usize = 64 << 10;

/// JSON of exactly its length. What is serialised may itself be captured: it finds another buffer.
fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut json = BUFFER.try_with(Cell::take).unwrap_or_default();
    json.clear();
    write(&mut json);
    let text = str::from_utf8(&json).map_or_else(|_| format!("{OPAQUE:?}"), str::to_owned);
    if json.capacity() <= LONGEST_BUFFER {
        // A thread that is going down has no buffer any more.
        let _ = BUFFER.try_with(|buffer| buffer.set(json));
    }
    text
}

/// A text of at most `max_len` bytes, cut at a char boundary and marked.
pub(crate) fn text(display: impl fmt::Display, max_len: usize) -> String {
    clipped(display, max_len).0
}

/// The same, and whether it is the whole text.
fn clipped(display: impl fmt::Display, max_len: usize) -> (String, bool) {
    let mut clipped = Clipped { text: String::new(), max_len, full: false };
    let written = guarded(|| fmt::Write::write_fmt(&mut clipped, format_args!("{display}")));
    match written {
        None => return (PANICKED.to_owned(), true),
        Some(Err(fmt::Error)) if !clipped.full => return (OPAQUE.to_owned(), true),
        Some(_) => {}
    }
    if clipped.full {
        clipped.text.push_str(TRUNCATED);
    }
    (clipped.text, !clipped.full)
}

/// A text by `Debug` that is not a value of its own, such as an error's.
pub(crate) fn debug_text(value: &dyn fmt::Debug, extent: Extent) -> String {
    debug::text(value, "", extent).0
}

/// Appends the JSON of a value that is named like a credential, if it is none after all.
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

/// Appends a value's JSON; false if it was cut.
fn append(json: &mut Vec<u8>, captured: &Captured<'_>, extent: Extent) -> bool {
    let start = json.len();
    let written = match captured {
        Captured::Serialize(value) => guarded(|| serialize(json, *value, extent)),
        Captured::Debug(value, of) => {
            let (text, is_whole) = debug::text(*value, of, extent);
            append_text(json, &text);
            Some(Ok(is_whole))
        }
        Captured::Credential(value) if !extent.redacts => return append(json, value, extent),
        Captured::Redacted | Captured::Credential(_) => Some(Err(REDACTED.to_owned())),
        Captured::Opaque => Some(Err(OPAQUE.to_owned())),
    };
    if let Some(Ok(is_whole)) = written {
        return is_whole;
    }
    json.truncate(start);
    match written {
        Some(Err(instead)) => append_text(json, &instead),
        _ => append_text(json, PANICKED),
    }
    true
}

/// Writes a value's JSON, false if it was cut; a type that refuses to be serialised is named by its own error.
fn serialize(json: &mut Vec<u8>, value: &dyn ToJson, extent: Extent) -> Result<bool, String> {
    let mut writer = Writer::new(json, extent);
    match value.to_json(&mut writer) {
        Ok(()) => Ok(true),
        Err(Stop::Full) => {
            writer.close();
            Ok(false)
        }
        Err(Stop::Refused(error)) => Err(format!("<not serialisable: {error}>")),
    }
}

fn append_text(json: &mut Vec<u8>, text: &str) {
    // Writing a string into a Vec cannot fail.
    let _ = serde_json::to_writer(json, text);
}

/// The longest start of a text that has at most `len` bytes and ends between two characters.
fn floor(text: &str, len: usize) -> &str {
    let end = (0..=len.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// Collects formatted text up to a bound, then stops the formatting.
struct Clipped {
    text: String,
    max_len: usize,
    full: bool,
}

impl fmt::Write for Clipped {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = self.max_len - self.text.len();
        if piece.len() <= room {
            self.text.push_str(piece);
            return Ok(());
        }
        self.full = true;
        self.text.push_str(floor(piece, room));
        Err(fmt::Error)
    }
}

#[cfg(test)]
pub(crate) mod tests;
