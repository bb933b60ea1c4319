//! Vocabulary of spans, and the memory that they are recorded in.

mod extent;
mod kind;
pub(crate) mod pool;
mod resource;
pub(crate) mod semconv;
mod span_attributes;
mod stats;

pub(crate) use self::{
    extent::{Extent, LONGEST_CONTENT, LONGEST_TEXT},
    kind::RecordedKind,
    resource::resource,
    span_attributes::{SpanAttributes, insert_name},
};
pub use self::{kind::SpanKind, stats::Stats};
