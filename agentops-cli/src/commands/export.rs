//! Command `agentops export`: a session as a file for other tools.

#[cfg(test)]
mod tests;
mod trace_events;

use std::{io, path::PathBuf};

use clap::{ArgGroup, Args};

use super::{
    Failure, Outcome, StoreArgs,
    cells::{counted, faults_line, print_faults},
    out_file::OutFile,
    show::ShownSession,
};
use crate::{
    output::print_problem,
    store::{StoreError, WrittenSpans, write_otlp},
    terminal::Screen,
};

/// Write a session in a format of other tools: a timeline for Perfetto, or OTLP for any collector.
///
/// `--perfetto` writes trace events of Chrome, which `https://ui.perfetto.dev` and `chrome://tracing` open: a bar for
/// each span, with input, output, tokens, cost, model and error. `--otlp` writes lines of OTLP as JSON, which the receiver
/// `otlpjsonfile` of an OpenTelemetry collector reads, with all that the session's file has. Inputs and outputs are
/// written as they were recorded.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("format").required(true).args(["perfetto", "otlp"])),
    after_help = "Examples:
  agentops export --perfetto -o run.json       open it at https://ui.perfetto.dev
  agentops export 4164 --otlp > traces.jsonl   for a collector, or for `agentops show traces.jsonl`
  agentops export traces.jsonl --perfetto      the newest session of a file"
)]
pub(crate) struct Export {
    /// Session: `last`, `last~1`, the start of an id, or a file.
    #[arg(default_value = "last", value_name = "ID")]
    session: String,

    #[command(flatten)]
    store: StoreArgs,

    /// Write trace events of Chrome, for Perfetto.
    #[arg(long)]
    perfetto: bool,

    /// Write OTLP as JSON lines.
    #[arg(long)]
    otlp: bool,

    /// File to write, which only its owner may read; a file that exists is replaced when all is written.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Receiver of lines.
type LineSink<'s> = dyn FnMut(&str) -> io::Result<()> + 's;

impl Export {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let session = ShownSession::read(self.store.select_whole(&self.session, "export")?)?;
        if session.tree.nodes().is_empty() {
            return Err(StoreError::NoSpans(session.id, session.spans.faults).into());
        }
        let Some(path) = &self.output else {
            let written = self.write(&session, &mut |line| screen.line(line))?;
            // Standard output is the document.
            faults_line(&written.faults).into_iter().for_each(print_problem);
            return Ok(Outcome::Fine);
        };
        let unwritable = |error: io::Error| {
            let path = agentops_core::push::shown(path);
            Failure::Usage(format!("`{path}` cannot be written: {error}"))
        };
        let mut file = OutFile::create(path).map_err(unwritable)?;
        let written = self.write(&session, &mut |line| file.line(line));
        let written = written.map_err(|failure| match failure {
            Failure::Output(error) => unwritable(error),
            other => other,
        })?;
        file.finish().map_err(unwritable)?;
        let (path, spans) = (agentops_core::push::shown(path), written.spans as u64);
        let next = if self.perfetto { "; open it at https://ui.perfetto.dev" } else { "" };
        screen.line(&format!("{} written to `{path}`{next}", counted(spans, "span")))?;
        print_faults(screen, &written.faults)?;
        Ok(Outcome::Fine)
    }

    fn write(
        &self,
        session: &ShownSession,
        line: &mut LineSink<'_>,
    ) -> Result<WrittenSpans, Failure> {
        if self.perfetto {
            return trace_events::write(session, line);
        }
        write_otlp(&*session.store, session.id, line)
    }
}
