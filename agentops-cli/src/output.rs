//! Messages for the user: one line each, with control characters escaped.
#![expect(clippy::print_stderr, reason = "here alone")]

use std::fmt::Display;

use agentops_core::push::one_line;

/// Prints an error or the reason for a delay on stderr.
pub(crate) fn print_problem(problem: impl Display) {
    eprintln!("agentops: {}", one_line(&problem.to_string()));
}
