//! Search for a text in the names and the content of spans, exact in every language.
//!
//! ```text
//! file ── RawFilter ─▶ may it hold the text?    raw bytes, at the speed of memory
//!      ── lines ── RawFilter ─▶ spans ── RawFilter ─▶ attribute ── Needle ─▶ Hit    decoded text
//! ```

mod file_filter;
mod hits;
mod needle;
mod quoted_texts;
mod raw_filter;

use super::{SessionFilter, ids::SessionId, ids::SpanId, span_table::SpanPlace};

pub(crate) use self::needle::{Excerpt, LetterCase, Needle};
pub(super) use self::{
    file_filter::{SessionFile, for_each_file},
    hits::{LineSearch, stop_at_hit},
};

/// Search through a store.
#[derive(Debug)]
pub(crate) struct SearchQuery {
    pub(crate) needle: Needle,
    pub(crate) sessions: SessionFilter,
    /// Kind of the spans that are searched; all if there is none.
    pub(crate) kind: Option<String>,
}

/// Place in a span that holds the text: the first in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) session: SessionId,
    pub(crate) span: SpanId,
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Field: `name`, `error`, `event`, or the key of an attribute of the span or of an event.
    pub(crate) field: String,
    pub(crate) excerpt: Excerpt,
    pub(crate) place: SpanPlace,
}

/// Step of a search.
#[derive(Debug)]
pub(crate) enum SearchStep {
    Hit(Hit),
    /// Something was searched, a file or a line. Whoever no longer wants the hits can say so without one.
    Part,
}

#[cfg(test)]
mod tests;
