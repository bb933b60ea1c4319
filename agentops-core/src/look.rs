//! Reads values for the record: runs their own `Serialize` or `Debug` on the program's thread.
//!
//! The program must not notice, so reading never waits for a lock it can recognise, is bounded in each direction
//! (bytes, depth, stack), and catches panics.

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
use crate::{process::catch_user_panic, record::Extent};

/// Recorded for a value that implements neither `Serialize` nor `Debug`.
pub(crate) const OPAQUE: &str = "<opaque>";
/// Recorded for a value whose own `Serialize` or `Debug` panics.
pub(crate) const PANICKED: &str = "<panicked>";
/// Recorded for a lock whose content cannot be read without waiting.
const LOCK: &str = "<lock>";
/// Mark at the position where a value was cut.
pub(crate) const TRUNCATED: &str = "…[truncated]";

/// Appends a value's JSON; returns `false` if it was cut. Returns an error and appends nothing if the value as a
/// whole fails to serialise or would wait for a lock.
pub(crate) fn append_json(
    json: &mut Vec<u8>,
    extent: Extent,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), SerializeStop>,
) -> Result<bool, String> {
    let start = json.len();
    let mut writer = Writer::new(json, extent);
    match catch_user_panic(|| write(&mut writer)) {
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

/// Maximum length in bytes of the JSON that is parsed into a tree.
const LONGEST_TREE: usize = 64 << 20;

/// Converts a value to a JSON tree. Returns `None` if it fails to serialise.
pub(crate) fn tree<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let mut json = Vec::new();
    let extent = Extent { max_len: LONGEST_TREE, redacts: false };
    append_json(&mut json, extent, |writer| writer.value(value)).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Returns the longest prefix of at most `len` bytes that ends at a char boundary.
pub(crate) fn floor(text: &str, len: usize) -> &str {
    let end = (0..=len.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
