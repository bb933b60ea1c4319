//! Folder of local sessions, for the command line.

pub use crate::export::{
    JsonLines, LineError, LineSpan, OpenSession, OpenSpan, Swept, close_aborted,
};
#[cfg(feature = "masks")]
pub use crate::mask::KeyMask;
use crate::{
    credential::REDACTED,
    inspect::TRUNCATED,
    mask::marks::{CARD_NUMBER, E_MAIL, KEY},
};

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

/// Marks of content that was cut or masked before it was recorded.
const ALTERED: [&str; 5] = [TRUNCATED, REDACTED, E_MAIL, KEY, CARD_NUMBER];

/// Returns `true` if recorded content was cut or masked, as far as its text shows that.
///
/// ```
/// use agentops_core::store::is_altered;
///
/// assert!(is_altered(r#"{"password":"<redacted>"}"#));
/// assert!(!is_altered(r#"{"query":"tea"}"#));
/// ```
#[must_use]
pub fn is_altered(text: &str) -> bool {
    ALTERED.iter().any(|mark| text.contains(mark))
}

/// Returns `true` if output to a terminal, or to something else, has colours: as the console has them, by `NO_COLOR`,
/// `CLICOLOR_FORCE`, `CLICOLOR` and `TERM`.
#[must_use]
pub fn wants_colours(is_terminal: bool) -> bool {
    crate::process::wants_colours(std::env::var_os, is_terminal)
}
