//! Folder of local sessions, for the command line.

pub use crate::export::{
    JsonLines, LineError, LineSpan, OpenSession, OpenSpan, Swept, close_aborted,
};
#[cfg(feature = "masks")]
pub use crate::mask::KeyMask;

/// Returns the OpenTelemetry name of an attribute that another convention names differently, as far as totals need it:
/// tokens, cost and model. Any other name is returned as it is.
///
/// ```
/// use agentops_core::store::neutral_name;
///
/// assert_eq!(neutral_name("gen_ai.usage.prompt_tokens"), "gen_ai.usage.input_tokens");
/// assert_eq!(neutral_name("llm.token_count.prompt"), "gen_ai.usage.input_tokens");
/// assert_eq!(neutral_name("anything.else"), "anything.else");
/// ```
#[must_use]
pub fn neutral_name(name: &str) -> &str {
    crate::outgoing::neutral(name)
}

/// Returns `true` if output to a terminal, or to something else, has colours: as the console has them, by `NO_COLOR`,
/// `CLICOLOR_FORCE`, `CLICOLOR` and `TERM`.
#[must_use]
pub fn wants_colours(is_terminal: bool) -> bool {
    crate::process::wants_colours(std::env::var_os, is_terminal)
}
