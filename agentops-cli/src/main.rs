//! Command line tool `agentops`.

mod output;

mod push;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Observability for AI agents.
#[derive(Debug, Parser)]
#[command(name = "agentops", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Push(push::Push),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Push(push) => push.run(),
    }
}
