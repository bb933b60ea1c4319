//! Vocabulary of spans, and the memory that they are recorded in.

pub(crate) mod pool;
mod resource;
pub(crate) mod semconv;
mod span_attributes;
mod span_kind;
mod span_stats;
mod value_limits;

pub(crate) use self::{
    resource::resource,
    span_attributes::{SpanAttributes, insert_name},
    span_kind::RecordedKind,
    value_limits::{Extent, LONGEST_CONTENT, LONGEST_TEXT},
};
pub use self::{span_kind::SpanKind, span_stats::Stats};
