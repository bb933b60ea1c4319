//! What `Debug` writes of a value, bounded, without the credentials in it.

use std::fmt;

use super::{TRUNCATED, clipped};
use crate::{
    credential::{Form, REDACTED, redact_text},
    extent::Extent,
};

/// The text of a value whose type is `of`, and whether it is the whole text.
pub(super) fn text(value: &dyn fmt::Debug, of: &str, extent: Extent) -> (String, bool) {
    let Extent { max_len, redacts } = extent;
    if redacts && is_secret(of) {
        return (REDACTED.to_owned(), true);
    }
    let (text, is_whole) = clipped(format_args!("{value:?}"), max_len);
    let form = if of.contains("::HeaderMap") { Form::Headers } else { Form::Debug };
    let Some(redacted) = redacts.then(|| redact_text(&text, form)).flatten() else {
        return (text, is_whole);
    };
    let (mut redacted, fits) = clipped(&redacted, max_len);
    if !is_whole && fits && !redacted.ends_with(TRUNCATED) {
        // The mark was in what is left out.
        redacted.push_str(TRUNCATED);
    }
    (redacted, is_whole && fits)
}

/// Whether a type is there to keep a secret, or is a header's value.
#[inline]
pub(super) fn is_secret(of: &str) -> bool {
    let of = of.strip_prefix('&').unwrap_or(of);
    of.starts_with("secrecy::") || of.starts_with("http::header::value::HeaderValue")
}
