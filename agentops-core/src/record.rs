//! Vocabulary of spans, and the memory that they are recorded in.

mod extent;
pub(crate) mod kind;
pub(crate) mod pool;
mod resource;
pub(crate) mod semconv;

pub use self::kind::SpanKind;
pub(crate) use self::{
    extent::{Extent, LONGEST_CONTENT, LONGEST_TEXT},
    kind::slot,
    resource::resource,
};
