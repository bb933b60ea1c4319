//! The words of a span, and its memory.

mod attribute;
mod extent;
pub(crate) mod kind;
pub(crate) mod pool;
pub(crate) mod semconv;

pub use self::{
    attribute::{FieldValue, field_value},
    kind::SpanKind,
};
pub(crate) use self::{
    attribute::{
        PIECE, cut, cut_value, find, find_last, keep_last, kind_of, kind_to_keep, length_of,
        redacted,
    },
    extent::{Extent, LONGEST_CONTENT, LONGEST_TEXT},
    kind::slot,
};
