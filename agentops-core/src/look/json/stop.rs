//! The end of serialising before all was written.

use std::fmt::{self, Display};

use serde::ser;

use crate::look::clipped;

/// The bytes of what a value says when it refuses to be serialised.
const LONGEST_REFUSAL: usize = 256;

/// The reason for which serialising ended early.
#[derive(Debug)]
pub enum SerializeStop {
    /// The bound is reached: what is written so far counts.
    Full,
    /// The value nests too deep here.
    Deep,
    /// The value would wait for a lock.
    Locked,
    /// The value refused to be serialised.
    Refused(String),
}

impl Display for SerializeStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the bound is reached"),
            Self::Locked => f.write_str("it would wait for a lock"),
            Self::Deep => f.write_str("it nests too deep"),
            Self::Refused(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for SerializeStop {}

impl ser::Error for SerializeStop {
    fn custom<T: Display>(error: T) -> Self {
        Self::Refused(clipped(error, LONGEST_REFUSAL).0)
    }
}

/// The text in the place of a value that refused.
pub(crate) fn refused(error: &str) -> String {
    format!("<not serialisable: {error}>")
}
