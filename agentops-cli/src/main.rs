//! Command line tool `agentops`.

mod output;
mod push;
mod store;

mod rows;

mod diff;

mod terminal;

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::{
    commands::{Diff, Ls, Outcome, Show},
    terminal::Screen,
};

/// Observability for AI agents.
#[derive(Debug, Parser)]
#[command(name = "agentops", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ls(Ls),
    Show(Show),
    Diff(Diff),
    Push(push::Push),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Ls(ls) => Outcome::exit_code(ls.run(&mut Screen::stdout())),
        Command::Show(show) => Outcome::exit_code(show.run(&mut Screen::stdout())),
        Command::Diff(diff) => Outcome::exit_code(diff.run(&mut Screen::stdout())),
        Command::Push(push) => push.run(),
    }
}
