//! Commands `agentops completions` and `agentops man`: files for shells and for the manual.

use std::io::{self, Write};

use clap::Args;
use clap_complete::{Shell, generate};

use super::{Failure, Outcome};

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops completions bash > ~/.local/share/bash-completion/completions/agentops
  agentops completions fish > ~/.config/fish/completions/agentops.fish
  agentops completions zsh > ~/.zfunc/_agentops")]
pub(crate) struct Completions {
    /// Shell.
    shell: Shell,
}

/// Print the manual page.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  agentops man > ~/.local/share/man/man1/agentops.1")]
pub(crate) struct Man {}

impl Completions {
    pub(crate) fn run(&self, mut command: clap::Command) -> Result<Outcome, Failure> {
        let mut text = Vec::new();
        generate(self.shell, &mut command, "agentops", &mut text);
        io::stdout().write_all(&text)?;
        Ok(Outcome::Fine)
    }
}

impl Man {
    /// Prints the page of the command with the pages of its subcommands after it.
    pub(crate) fn run(&self, mut command: clap::Command) -> Result<Outcome, Failure> {
        command.build();
        let mut text = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut text)?;
        for part in command.get_subcommands().filter(|part| !part.is_hide_set()) {
            let page = clap_mangen::Man::new(part.clone());
            page.render_name_section(&mut text)?;
            page.render_description_section(&mut text)?;
            page.render_options_section(&mut text)?;
            page.render_extra_section(&mut text)?;
        }
        io::stdout().write_all(&text)?;
        Ok(Outcome::Fine)
    }
}
