//! Output of the command line: a line at a time, with nothing of others that steers a terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "here alone")]

use std::fmt::Display;

use agentops_core::push::one_line;

/// Tells a result.
pub(crate) fn tell(line: impl Display) {
    println!("{}", one_line(&line.to_string()));
}

/// Tells on stderr what is wrong, or what is waited for.
pub(crate) fn complain(problem: impl Display) {
    eprintln!("agentops: {}", one_line(&problem.to_string()));
}
