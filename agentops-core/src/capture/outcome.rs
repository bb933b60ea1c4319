//! Outcome of a call: a value or an error, borrowed and ready to be recorded.

use std::{any::type_name, error::Error, fmt};

use super::{
    Captured,
    causes::{Causes, short},
    debug_text, text,
};
use crate::{llm::LlmResponse, record::Extent};

/// Outcome of a call that ran to its end.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Returned a value (or the `Ok` of a `Result`); with the model's response, if the value describes one.
    Returned(Captured<'a>, Option<Box<LlmResponse>>),
    /// Returned a stream, a future or an iterator, as named here, that does the work later.
    Deferred(&'static str),
    /// Returned an error that counts as a failure.
    Failed(Failure<'a>),
    /// Returned an error that is ignored because of `err = off`.
    Ignored,
}

/// Description of an error.
#[derive(Debug)]
pub struct Failure<'a> {
    /// Static type of the error.
    of: &'static str,
    message: Message<'a>,
    causes: Causes<'a>,
}

impl<'a> Failure<'a> {
    pub(super) fn new(of: &'static str, message: Message<'a>) -> Self {
        Self { of, message, causes: Causes::default() }
    }

    /// Describes an error by its `Display`.
    pub fn by_display<E: fmt::Display>(error: &'a E) -> Self {
        Self::new(type_name::<E>(), Message::Display(error))
    }

    /// Describes an error by its `Debug`.
    pub fn by_debug<E: fmt::Debug>(error: &'a E) -> Self {
        Self::new(type_name::<E>(), Message::Debug(error))
    }

    /// Describes an error whose concrete type is hidden.
    pub(crate) fn hidden(of: &'static str, error: &'a (dyn Error + 'static)) -> Self {
        Self::new(of, Message::Display(error)).caused_by(Causes::of(error))
    }

    /// Adds the causes of the error.
    #[must_use]
    pub fn caused_by(self, causes: Causes<'a>) -> Self {
        Self { causes, ..self }
    }

    /// Returns the shortened static type of the error (`exception.type`).
    pub(crate) fn exception_type(&self) -> &'static str {
        short(self.of)
    }

    /// Returns the type of the innermost known error, or else the static type: the low-cardinality `error.type`.
    pub(crate) fn error_type(&self) -> &'static str {
        self.causes.innermost_known().unwrap_or_else(|| self.exception_type())
    }

    /// Returns the text of the error and its causes; an empty text is replaced by the type. A `Debug` text formats
    /// the causes in its own way.
    pub(crate) fn text(&self, extent: Extent) -> String {
        let of = self.exception_type();
        let text = match &self.message {
            Message::Display(error) => self.causes.describe(error, extent.max_len),
            Message::Debug(error) => debug_text(*error, extent),
            Message::Text(message) => text(message, extent.max_len),
            Message::Opaque => return format!("<opaque: {of}>"),
        };
        or_empty(text, of)
    }
}

/// Returns the text, or a placeholder with the type if the text is empty.
pub(crate) fn or_empty(text: String, of: &str) -> String {
    if text.trim().is_empty() { format!("<empty: {of}>") } else { text }
}

/// Value of `error.type` for a tool that reports its own failure, as defined by the conventions for MCP.
pub(super) const TOOL_ERROR: &str = "tool_error";

/// Result of a tool that can be a failure without being an `Err`. `#[tool]` checks the returned value, or the `Ok`
/// of a `Result`, and marks the span as failed.
///
/// The feature `rmcp` implements it for `CallToolResult`, by its `is_error`, and for `CallToolResponse`.
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
    /// Returns the error message if the tool failed, or `None` if it succeeded.
    fn failure(&self) -> Option<String>;
}

/// Best available message of an error.
pub enum Message<'a> {
    /// Text by `Display`.
    Display(&'a dyn fmt::Display),
    /// Text by `Debug`.
    Debug(&'a dyn fmt::Debug),
    /// Message supplied by a [`ToolOutcome`].
    Text(String),
    /// No message.
    Opaque,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Display(_) => "Display",
            Self::Debug(_) => "Debug",
            Self::Text(_) => "Text",
            Self::Opaque => "Opaque",
        })
    }
}
