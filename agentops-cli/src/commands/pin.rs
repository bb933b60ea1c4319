//! Command `agentops pin`: a session as a Rust test.

mod pinned_run;
mod program_call;
mod read_session;
mod rust_literal;
mod test_source;
#[cfg(test)]
mod tests;

use clap::Args;

use self::{pinned_run::PinnedRun, program_call::ProgramCall, test_source::test_source};
use super::{Failure, Outcome, StoreArgs};
use crate::terminal::Screen;

/// Print a Rust test that asserts that a program does again what it did in a session.
///
/// The test calls the program and asserts its tools in order with their arguments, its errors, and the tree. Times,
/// tokens, ids and outputs may change. Values that were cut, masked or not recorded are not asserted; a comment names
/// them. The test needs the feature `testing` of agentops.
///
/// One line calls the program: that of `--call`, or else the function that started the session with the arguments that
/// were recorded. These do not tell whether a function is async or private, is a method, or takes a `String`; where the
/// line does not compile, correct it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops pin > tests/ask.rs              the newest session
  agentops pin 4164 --call 'my_crate::ask(\"tea\")'
  agentops pin --call 'my_crate::ask(\"tea\").await'
  agentops pin last~1 --tokio              of an async function")]
pub(crate) struct Pin {
    /// Session: `last`, `last~1`, the start of an id, or a file.
    #[arg(default_value = "last", value_name = "ID")]
    session: String,

    #[command(flatten)]
    store: StoreArgs,

    /// Rust expression that calls the program.
    #[arg(long, value_name = "CODE")]
    call: Option<String>,

    /// Print a `#[tokio::test]` that awaits the call, as it is done if CODE has `.await`.
    #[arg(long)]
    tokio: bool,
}

impl Pin {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let selected = self.store.select_whole(&self.session, "pin")?;
        let run = PinnedRun::read(&*selected.store, selected.session)?;
        let call = match &self.call {
            Some(code) => ProgramCall::written(code),
            None => ProgramCall::recorded(&run)?,
        };
        let call = if self.tokio { call.awaited() } else { call };
        test_source(&run, &call).lines().try_for_each(|line| screen.line(line))?;
        Ok(Outcome::Fine)
    }
}
