//! Reads values for the record: runs their own `Serialize` or `Debug` on the program's thread.
//!
//! The program must not notice, so reading never waits for a lock it can recognise, is bounded in each direction
//! (bytes, depth, stack), and catches panics.

mod clipped;
mod debug;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile_values;
mod ignored_errors;
mod json;
mod kind;
mod stack_limit;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::{
    clipped::{Clipped, clipped},
    debug::debug_text,
    ignored_errors::Ignored,
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

/// Result of writing a value's JSON.
#[derive(Debug, PartialEq)]
pub(crate) enum Written {
    Whole,
    Cut,
    /// Nothing was written: `Serialize` failed for the value as a whole, with this message.
    Refused(String),
    /// Nothing was written: the value as a whole would wait for a lock.
    Locked,
}

impl Written {
    fn of(is_whole: bool) -> Self {
        if is_whole { Self::Whole } else { Self::Cut }
    }

    /// Returns `true` if there is JSON, whole or cut.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Whole | Self::Cut)
    }
}

/// Appends a value's JSON.
pub(crate) fn append_json(
    json: &mut Vec<u8>,
    extent: Extent,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), SerializeStop>,
) -> Written {
    let start = json.len();
    let mut writer = Writer::new(json, extent);
    match catch_user_panic(|| write(&mut writer)) {
        Some(Err(SerializeStop::Refused(error))) => {
            json.truncate(start);
            Written::Refused(error)
        }
        Some(Err(SerializeStop::Locked)) => {
            json.truncate(start);
            Written::Locked
        }
        Some(Err(SerializeStop::Deep)) => {
            writer.stop();
            Written::of(writer.end(TRUNCATED))
        }
        Some(Ok(()) | Err(SerializeStop::Full)) => Written::of(writer.end(TRUNCATED)),
        None if writer.is_stopped() => Written::of(writer.end(TRUNCATED)),
        None => {
            writer.stop();
            writer.end(PANICKED);
            Written::Whole
        }
    }
}

/// Maximum length in bytes of the JSON that is parsed into a tree.
const LONGEST_TREE: usize = 64 << 20;

/// Converts a value to a JSON tree. Returns `None` if it fails to serialise.
pub(crate) fn tree<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let mut json = Vec::new();
    let extent = Extent { max_len: LONGEST_TREE, redacts: false };
    let written = append_json(&mut json, extent, |writer| writer.value(value));
    written.is_json().then(|| serde_json::from_slice(&json).ok())?
}
