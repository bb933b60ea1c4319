//! Command line tool `agentops`.

mod output;
mod push;
mod rows;
mod store;
mod terminal;

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::{
    commands::{Gc, Ls, Outcome, Search, Show, Stats},
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
    Search(Search),
    Stats(Stats),
    Gc(Gc),
    Push(push::Push),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Ls(ls) => Outcome::exit_code(ls.run(&mut Screen::stdout())),
        Command::Show(show) => Outcome::exit_code(show.run(&mut Screen::stdout())),
        Command::Search(search) => Outcome::exit_code(search.run(&mut Screen::stdout())),
        Command::Stats(stats) => Outcome::exit_code(stats.run(&mut Screen::stdout())),
        Command::Gc(gc) => Outcome::exit_code(gc.run(&mut Screen::stdout())),
        Command::Push(push) => push.run(),
    }
}
