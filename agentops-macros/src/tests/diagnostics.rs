//! Tests of every error message. The UI tests show the spans.

mod arguments;
mod redaction;
mod targets;

use super::messages;
use crate::keyword::Kind;

const SEARCH: &str = "fn search(&self, query: &str, limit: usize) {}";

/// Asserts that each list of arguments, on its own, gets exactly one message.
fn assert_answers(kind: Kind, cases: &[(&str, &str)]) {
    for (args, answer) in cases {
        assert_eq!(messages(kind, args, SEARCH), [*answer], "`{args}`");
    }
}
