//! Command line tool `agentops`.
#![cfg_attr(
    not(feature = "view"),
    expect(
        dead_code,
        unused_imports,
        reason = "the page asks a store for more than the other commands do"
    )
)]

mod output;
mod store;

mod rows;

mod diff;

mod terminal;

#[cfg(feature = "view")]
mod page;

mod commands;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[cfg(feature = "view")]
use self::commands::View;
use self::{
    commands::{
        Completions, Curl, Diff, Export, Failure, Gc, Ls, Man, Outcome, Pin, Push, Search, Show,
        Stats, Tail,
    },
    terminal::Screen,
};

/// Commands to begin with, for one who names none.
const FIRST_STEPS: &str = "\
Look at what your agents did. To begin with:

  agentops ls      list the sessions of this folder, newest first
  agentops show    show the newest one as a tree
  agentops diff    what changed since the run before

`agentops help` names all commands, and `agentops help show` explains one.";

/// Look at what your agents did: sessions, calls, tokens, cost and errors.
///
/// Reads the sessions that programs with agentops write below `.agentops/sessions`. The exit status is 0 if all is
/// well, 1 if the answer is no, different or failed, and 2 if the command could not do its work.
#[derive(Debug, Parser)]
#[command(name = "agentops", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ls(Ls),
    Show(Show),
    Tail(Tail),
    #[cfg(feature = "view")]
    View(View),
    Diff(Diff),
    Search(Search),
    Stats(Stats),
    Pin(Pin),
    Curl(Curl),
    Gc(Gc),
    Export(Export),
    Push(Push),
    Completions(Completions),
    Man(Man),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut screen = cli.screen();
    let result = cli.run(&mut screen);
    // The pager ends with its input, and a message goes below what it showed.
    drop(screen);
    Outcome::exit_code(result)
}

impl Cli {
    /// Returns the screen for the command.
    fn screen(&self) -> Screen<'static> {
        match &self.command {
            Some(Command::Show(show)) => show.screen(),
            Some(Command::Diff(_)) => Screen::paged(),
            _ => Screen::stdout(),
        }
    }

    fn run(self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        match self.command {
            None => first_steps(screen),
            Some(Command::Ls(ls)) => ls.run(screen),
            Some(Command::Show(show)) => show.run(screen),
            Some(Command::Tail(tail)) => tail.run(screen),
            #[cfg(feature = "view")]
            Some(Command::View(view)) => view.run(screen),
            Some(Command::Diff(diff)) => diff.run(screen),
            Some(Command::Search(search)) => search.run(screen),
            Some(Command::Stats(stats)) => stats.run(screen),
            Some(Command::Gc(gc)) => gc.run(screen),
            Some(Command::Export(export)) => export.run(screen),
            Some(Command::Completions(completions)) => completions.run(Self::command()),
            Some(Command::Curl(curl)) => curl.run(screen),
            Some(Command::Pin(pin)) => pin.run(screen),
            Some(Command::Man(man)) => man.run(Self::command()),
            Some(Command::Push(push)) => push.run(screen),
        }
    }
}

fn first_steps(screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
    FIRST_STEPS.lines().try_for_each(|line| screen.line(line))?;
    Ok(Outcome::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
