//! What a call came to: a value or an error, borrowed and ready to be recorded.

use std::{any::type_name, error::Error, fmt};

use super::{
    Captured,
    causes::{Causes, short},
    debug_text, text,
};
use crate::{llm::LlmResponse, record::Extent};

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
    /// Its type, as it is spelled.
    of: &'static str,
    message: Message<'a>,
    causes: Causes<'a>,
}

impl<'a> Failure<'a> {
    pub(super) fn new(of: &'static str, message: Message<'a>) -> Self {
        Self { of, message, causes: Causes::default() }
    }

    /// An error by its `Display`.
    pub fn by_display<E: fmt::Display>(error: &'a E) -> Self {
        Self::new(type_name::<E>(), Message::Display(error))
    }

    /// An error by its `Debug`.
    pub fn by_debug<E: fmt::Debug>(error: &'a E) -> Self {
        Self::new(type_name::<E>(), Message::Debug(error))
    }

    /// An error whose type is hidden.
    pub(crate) fn hidden(of: &'static str, error: &'a (dyn Error + 'static)) -> Self {
        Self::new(of, Message::Display(error)).caused_by(Causes::of(error))
    }

    /// The same with its causes.
    #[must_use]
    pub fn caused_by(self, causes: Causes<'a>) -> Self {
        Self { causes, ..self }
    }

    /// Its type: `exception.type`.
    pub(crate) fn exception_type(&self) -> &'static str {
        short(self.of)
    }

    /// The type of the innermost error that can be named: the low-cardinality `error.type`.
    pub(crate) fn error_type(&self) -> &'static str {
        self.causes.innermost_known().unwrap_or_else(|| self.exception_type())
    }

    /// What it and its causes say; one that says nothing is called by its type. A `Debug` tells the causes in
    /// its own way.
    pub(crate) fn text(&self, extent: Extent) -> String {
        let of = self.exception_type();
        let text = match &self.message {
            Message::Display(error) => self.causes.tell(error, extent.max_len),
            Message::Debug(error) => debug_text(*error, extent),
            Message::Said(said) => text(said, extent.max_len),
            Message::Opaque => return format!("<opaque: {of}>"),
        };
        or_empty(text, of)
    }
}

/// A text, or, if there is none, the type that says nothing.
pub(crate) fn or_empty(text: String, of: &str) -> String {
    if text.trim().is_empty() { format!("<empty: {of}>") } else { text }
}

/// The `error.type` of a tool that says itself that it failed, by the conventions for MCP.
pub(super) const TOOL_ERROR: &str = "tool_error";

/// What a tool returns, if that may be a failure without being an `Err`: `#[tool]` asks the value that it
/// returns, or the `Ok` of a `Result`, and lets the span fail.
///
/// With the feature `rmcp`, `CallToolResult` is one, by its `is_error`, and the `CallToolResponse` around it.
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
    /// Nothing.
    Opaque,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Display(_) => "Display",
            Self::Debug(_) => "Debug",
            Self::Said(_) => "Said",
            Self::Opaque => "Opaque",
        })
    }
}
