//! Formats values by `Debug`, bounded and with credentials redacted.

use std::fmt;

use super::{Clipped, LOCK, TRUNCATED, clipped, kind::Treatment};
use crate::{
    credential::{Form, REDACTED, redact_text},
    record::Extent,
};

/// Returns the `Debug` text of a value of type `of` and whether it is complete.
pub(crate) fn debug_text(value: &dyn fmt::Debug, of: &str, extent: Extent) -> (String, bool) {
    let Extent { max_len, redacts } = extent;
    match Treatment::at_whole(of) {
        Treatment::AsSecret if redacts => return (REDACTED.to_owned(), true),
        Treatment::AsLock => return (LOCK.to_owned(), true),
        Treatment::AsAddress => return (of.to_owned(), true),
        _ => {}
    }
    let (text, is_whole) =
        Clipped::new(max_len).without_addresses().of(|out| write!(out, "{value:?}"));
    let form = if of.contains("::HeaderMap") { Form::Headers } else { Form::Debug };
    let Some(redacted) = redacts.then(|| redact_text(&text, form)).flatten() else {
        return (text, is_whole);
    };
    let (mut redacted, fits) = clipped(&redacted, max_len);
    if !is_whole && fits && !redacted.ends_with(TRUNCATED) {
        // The truncation mark was inside the redacted part.
        redacted.push_str(TRUNCATED);
    }
    (redacted, is_whole && fits)
}
