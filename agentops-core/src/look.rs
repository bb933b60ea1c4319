//! Looks at values: their own `Serialize` or `Debug`, run on the program's thread for the sake of the record alone.
//!
//! So it waits for no lock that it can know of, has a bound in each direction (bytes, depth, stack), and runs where
//! a panic is caught.

mod clipped;
mod debug;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod ignored;
mod json;
mod kind;
mod stack;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::{
    clipped::{Clipped, clipped},
    debug::debug_text,
    ignored::Ignored,
    json::{SerializeStop, ToJson, Writer, refused},
    kind::has_lock,
};
use crate::{process::guarded, record::Extent};

/// The record of a value that is neither `Serialize` nor `Debug`.
pub(crate) const OPAQUE: &str = "<opaque>";
/// The record of a value whose own `Serialize` or `Debug` panics.
pub(crate) const PANICKED: &str = "<panicked>";
/// The record of a lock that can be looked into only by waiting for it.
const LOCK: &str = "<lock>";
/// The mark where a value was cut.
pub(crate) const TRUNCATED: &str = "…[truncated]";

/// Appends a value's JSON, false if it was cut; or nothing, where the value as a whole refuses.
pub(crate) fn append_json(
    json: &mut Vec<u8>,
    extent: Extent,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), SerializeStop>,
) -> Result<bool, String> {
    let start = json.len();
    let mut writer = Writer::new(json, extent);
    match guarded(|| write(&mut writer)) {
        Some(Err(SerializeStop::Refused(error))) => {
            json.truncate(start);
            Err(error)
        }
        Some(Err(SerializeStop::Locked)) => {
            json.truncate(start);
            Err(String::new())
        }
        Some(Err(SerializeStop::Deep)) => {
            writer.stop();
            Ok(writer.end(TRUNCATED))
        }
        Some(Ok(()) | Err(SerializeStop::Full)) => Ok(writer.end(TRUNCATED)),
        None if writer.is_stopped() => Ok(writer.end(TRUNCATED)),
        None => {
            writer.stop();
            writer.end(PANICKED);
            Ok(true)
        }
    }
}

/// The bytes of JSON that are looked at to find out what a value says.
const LONGEST_TREE: usize = 64 << 20;

/// The JSON of a value; none if it refuses.
pub(crate) fn tree<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let mut json = Vec::new();
    let extent = Extent { max_len: LONGEST_TREE, redacts: false };
    append_json(&mut json, extent, |writer| writer.value(value)).ok()?;
    serde_json::from_slice(&json).ok()
}

/// The longest start of a text that has at most `len` bytes and ends between two characters.
pub(crate) fn floor(text: &str, len: usize) -> &str {
    let end = (0..=len.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
