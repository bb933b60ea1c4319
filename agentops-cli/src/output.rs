//! Messages for the user: one line each, with control characters escaped.
#![expect(clippy::print_stderr, reason = "here alone")]

use std::fmt::Display;

use agentops_core::push::one_line;

/// Prints an error or the reason for a delay on stderr.
pub(crate) fn print_problem(problem: impl Display) {
    eprintln!("{}", problem_line(problem));
}

/// Returns the line that tells of an error or a delay.
pub(crate) fn problem_line(problem: impl Display) -> String {
    format!("agentops: {}", one_line(&problem.to_string()))
}
