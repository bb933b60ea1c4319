//! Results of a command, and its exit codes.

use std::{io, process::ExitCode};

use crate::{output::print_problem, store::StoreError};

/// Answer of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well: exit code 0.
    Fine,
    /// No, different, or failed: exit code 1.
    No,
}

/// Reason why a command could not do its work: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Usage(String),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Outcome {
    /// Converts the result of a command to the exit code of the process.
    pub(crate) fn exit_code(result: Result<Self, Failure>) -> ExitCode {
        match result {
            Ok(Self::Fine) => ExitCode::SUCCESS,
            Ok(Self::No) => ExitCode::FAILURE,
            // The reader has seen enough, as in `agentops ls | head`.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(failure) => {
                print_problem(failure);
                ExitCode::from(2)
            }
        }
    }
}
