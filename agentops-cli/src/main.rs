//! Command line tool `agentops`.

mod output;
mod push;
mod store;

mod rows;

mod diff;

mod terminal;

mod commands;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::{
    commands::{Completions, Curl, Diff, Failure, Gc, Ls, Man, Outcome, Pin, Search, Show, Stats},
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
    Diff(Diff),
    Search(Search),
    Stats(Stats),
    Pin(Pin),
    Curl(Curl),
    Gc(Gc),
    Push(push::Push),
    Completions(Completions),
    Man(Man),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        None => first_steps(&mut Screen::stdout()),
        Some(Command::Ls(ls)) => ls.run(&mut Screen::stdout()),
        Some(Command::Show(show)) => show.run(&mut show.screen()),
        Some(Command::Diff(diff)) => diff.run(&mut Screen::paged()),
        Some(Command::Search(search)) => search.run(&mut Screen::stdout()),
        Some(Command::Stats(stats)) => stats.run(&mut Screen::stdout()),
        Some(Command::Curl(curl)) => curl.run(&mut Screen::stdout()),
        Some(Command::Pin(pin)) => pin.run(&mut Screen::stdout()),
        Some(Command::Gc(gc)) => gc.run(&mut Screen::stdout()),
        Some(Command::Completions(completions)) => completions.run(Cli::command()),
        Some(Command::Man(man)) => man.run(Cli::command()),
        Some(Command::Push(push)) => return push.run(),
    };
    Outcome::exit_code(result)
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
