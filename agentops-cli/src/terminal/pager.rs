//! Pager for long output on a terminal.

use std::{
    env,
    io::{self, Write},
    process::{Child, ChildStdin, Command, Stdio},
};

/// Pager if no variable names one: it ends by itself if all fits on the screen.
const DEFAULT_PAGER: &str = "less";
/// Options of `less`, as git has them: quit if one screen is enough, keep colours, leave the text on the screen.
const LESS: &str = "FRX";

/// Pager that reads what is written to it. When it is dropped, it waits until the reader has seen enough.
#[derive(Debug)]
pub(super) struct Pager {
    child: Child,
    input: Option<ChildStdin>,
}

impl Pager {
    /// Starts the pager of `AGENTOPS_PAGER` or `PAGER`, or else `less`. Returns `None` if it is `cat` or empty, or
    /// cannot be started.
    pub(super) fn start() -> Option<Self> {
        let named = |name| env::var(name).ok();
        let line = named("AGENTOPS_PAGER").or_else(|| named("PAGER"));
        let mut command = command_of(line.as_deref().unwrap_or(DEFAULT_PAGER))?;
        if env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take();
        Some(Self { child, input })
    }
}

/// Returns the command of a pager; `None` if there shall be none.
fn command_of(line: &str) -> Option<Command> {
    let mut words = line.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words);
    Some(command)
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.input {
            Some(input) => input.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // It waits for the end of its input.
        self.input = None;
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Vec<String>> {
        let command = command_of(line)?;
        let words = [command.get_program()].into_iter().chain(command.get_args());
        Some(words.map(|word| word.to_string_lossy().into_owned()).collect())
    }

    #[test]
    fn pager_command_is_split_at_spaces() {
        assert_eq!(words("less -S"), Some(vec!["less".to_owned(), "-S".to_owned()]));
        assert_eq!([words("cat"), words(""), words(" ")], [None, None, None]);
    }
}
