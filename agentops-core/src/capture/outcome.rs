//! What a call came to: a value or an error, borrowed and ready to be recorded.

use std::{any::type_name, fmt};

use super::Captured;
use crate::llm::LlmResponse;

/// The outcome of a call that ran to its end.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// It returned a value (or the `Ok` of a result), which may tell of a model call.
    Returned(Captured<'a>, Option<Box<LlmResponse>>),
    /// It returned a stream, a future or an iterator, as named here, that does the work later.
    Deferred(&'static str),
    /// It returned an error that counts as one.
    Failed(Failure<'a>),
    /// It returned an error that, by `err = off`, is of no interest.
    Ignored,
}

/// An error, described.
#[derive(Debug)]
pub struct Failure<'a> {
    /// Its type: the low-cardinality `error.type`.
    pub kind: &'static str,
    /// What it says.
    pub message: Message<'a>,
}

impl<'a> Failure<'a> {
    /// An error by its `Display`.
    pub fn by_display<E: fmt::Display>(error: &'a E) -> Self {
        Self { kind: type_name::<E>(), message: Message::Display(error) }
    }

    /// An error by its `Debug`.
    pub fn by_debug<E: fmt::Debug>(error: &'a E) -> Self {
        Self { kind: type_name::<E>(), message: Message::Debug(error) }
    }
}

/// The `error.type` of a tool that says itself that it failed, by the conventions for MCP.
pub(super) const TOOL_ERROR: &str = "tool_error";

/// What a tool returns, if that may be a failure without being an `Err`: `#[tool]` asks the value that it
/// returns, or the `Ok` of a `Result`, and lets the span fail.
///
/// With the feature `rmcp`, `CallToolResult` is one, by its `is_error`.
///
/// ```
/// use agentops::{ToolOutcome, tool};
///
/// struct Reply {
///     status: u16,
///     body: String,
/// }
///
/// impl ToolOutcome for Reply {
///     fn failure(&self) -> Option<String> {
///         (self.status >= 400).then(|| self.body.clone())
///     }
/// }
///
/// #[tool]
/// fn fetch(path: &str) -> Reply {
///     Reply { status: 404, body: format!("no {path}") }
/// }
/// # assert_eq!(fetch("/a").status, 404);
/// ```
pub trait ToolOutcome {
    /// Why it failed, if it did: the message of the error.
    fn failure(&self) -> Option<String>;
}

/// What an error says, in the best way it can.
pub enum Message<'a> {
    /// By its `Display`.
    Display(&'a dyn fmt::Display),
    /// By its `Debug`.
    Debug(&'a dyn fmt::Debug),
    /// In words of its own.
    Said(String),
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Display(message) => fmt::Display::fmt(message, f),
            Self::Debug(message) => fmt::Debug::fmt(message, f),
            Self::Said(message) => f.write_str(message),
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
