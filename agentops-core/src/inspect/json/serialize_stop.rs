//! Errors that stop serialising early.

use std::fmt::{self, Display};

use serde::ser;

use crate::inspect::clipped;

/// Maximum length in bytes of a value's own error text.
const LONGEST_REFUSAL: usize = 256;

/// Reason why serialising stopped early.
#[derive(Debug)]
pub enum SerializeStop {
    /// The bound is reached; the output so far is kept.
    Full,
    /// The value nests too deep.
    Deep,
    /// The value would wait for a lock.
    Locked,
    /// The value's own `Serialize` failed.
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

/// Returns the text recorded in place of a value that failed to serialise.
pub(crate) fn refused(error: &str) -> String {
    format!("<not serialisable: {error}>")
}
