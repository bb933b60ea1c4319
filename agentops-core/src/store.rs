//! Folder of local sessions, for the command line.

pub use crate::export::{JsonLines, LineError, LineSpan, OpenSession, Swept, close_aborted};
