//! Command `agentops curl`: a model call as a command for a shell.

mod anthropic_body;
mod model_request;
mod openai_body;
mod provider;
mod shell_command;
#[cfg(test)]
mod tests;

use clap::Args;

use self::{
    model_request::ModelRequest,
    provider::{Dialect, Provider},
    shell_command::shell_command,
};
use super::{
    Failure, Outcome, StoreArgs,
    selection::{Selection, find_span},
};
#[cfg(feature = "view")]
use crate::store::SpanId;
use crate::{
    output::print_problem,
    store::{SessionId, SpanRow, SpanTable, Store},
    terminal::{Screen, plain},
};

/// Print a model call as a `curl` command for a POSIX shell. Nothing is sent.
///
/// The command has the messages, tools and settings of the call, in the form of its provider. The key stays a variable
/// such as `$OPENAI_API_KEY`. Where the provider is unknown, the address is `$BASE_URL`, and the form that of OpenAI.
///
/// Notes on stderr name differences from the recorded call. The exit status is 1 if a text of it was cut or masked.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops curl last                  the model call of a session that has only one
  agentops curl 4164/9c24             by the start of the id of its span
  agentops curl 4164/9c24 | sh        send it again
  agentops show 4164 --kind llm --json    model calls with their ids")]
pub(crate) struct Curl {
    /// Model call: `ID/SPAN`, or a session or file with only one.
    #[arg(default_value = "last", value_name = "ID/SPAN")]
    call: String,

    #[command(flatten)]
    store: StoreArgs,
}

/// Command with what is to be said about it.
#[derive(Debug, PartialEq)]
struct CurlCommand {
    text: String,
    notes: Vec<String>,
    outcome: Outcome,
}

impl Curl {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let CurlCommand { text, notes, outcome } = self.command()?;
        notes.iter().for_each(print_problem);
        text.lines().try_for_each(|line| screen.line(line))?;
        Ok(outcome)
    }

    fn command(&self) -> Result<CurlCommand, Failure> {
        let Selection { store, session, span } = self.store.select(&self.call)?;
        let spans = store.spans(session)?;
        let row = self.model_call(&spans.table, span.as_deref())?;
        command_for(&*store, session, &spans.table, row)
    }

    /// Returns the row of the model call that is named.
    fn model_call<'t>(
        &self,
        table: &'t SpanTable,
        span: Option<&str>,
    ) -> Result<&'t SpanRow, Failure> {
        let is_model_call = |row: &&SpanRow| table.text(row.kind) == "llm";
        let calls: Vec<_> = table.rows().iter().filter(is_model_call).collect();
        let Some(span) = span else {
            return match calls[..] {
                [call] => Ok(call),
                _ => Err(self.no_model_call(
                    table,
                    &calls,
                    &format!("`{}` has {} model calls", self.call, calls.len()),
                )),
            };
        };
        let id = find_span(table, span)?;
        calls.iter().rfind(|row| row.id == id).copied().ok_or_else(|| {
            let row = table.rows().iter().rfind(|row| row.id == id);
            let kind = row.map_or("span", |row| table.text(row.kind));
            self.no_model_call(
                table,
                &calls,
                &format!("`{}` is of kind `{}`", self.call, plain(kind)),
            )
        })
    }

    /// Returns an error that names model calls of the session.
    fn no_model_call(&self, table: &SpanTable, calls: &[&SpanRow], problem: &str) -> Failure {
        let session = self.call.split_once('/').map_or(&*self.call, |(session, _)| session);
        let named = calls
            .iter()
            .take(3)
            .map(|call| format!("`{session}/{}` ({})", call.id, plain(table.text(call.name))));
        let named = named.collect::<Vec<_>>().join(", ");
        Failure::Usage(match calls.len() {
            0 => format!(
                "{problem}, and the session has no model call; `agentops show {session}` shows what it has"
            ),
            1 => format!("{problem}; the model call is {named}"),
            2 | 3 => format!("{problem}; name one: {named}"),
            _ => format!(
                "{problem}; name one, such as {named}; `agentops show {session} --kind llm --json` lists all"
            ),
        })
    }
}

/// Returns the command of a model call with its notes as comments.
#[cfg(feature = "view")]
pub(super) fn curl_text(
    store: &dyn Store,
    session: SessionId,
    span: SpanId,
) -> Result<String, Failure> {
    let table = store.spans(session)?.table;
    let row = table.rows().iter().rfind(|row| row.id == span);
    let row = row.ok_or_else(|| Failure::Usage(format!("the session has no span `{span}`")))?;
    let CurlCommand { text, notes, .. } = command_for(store, session, &table, row)?;
    let notes: String = notes.iter().map(|note| format!("# {}\n", plain(note))).collect();
    Ok(notes + &text)
}

/// Returns the command of the model call of a row.
fn command_for(
    store: &dyn Store,
    session: SessionId,
    table: &SpanTable,
    row: &SpanRow,
) -> Result<CurlCommand, Failure> {
    let content = store.content(session, row.place)?;
    let request = content.and_then(|content| ModelRequest::of(&content));
    let request = request.ok_or_else(|| {
        Failure::Usage(format!(
            "`{}` has no messages: content was not captured, or no argument of the function is a request; record \
             them by `agentops::current().set_request(…)`",
            plain(table.text(row.name))
        ))
    })?;
    Ok(command_of(&request))
}

fn command_of(request: &ModelRequest) -> CurlCommand {
    let provider = Provider::of(request);
    let mut notes = provider.notes(request);
    let body = match provider.dialect {
        Dialect::OpenAi => openai_body::body(request, &mut notes),
        Dialect::Anthropic => anthropic_body::body(request, &mut notes),
    };
    if request.is_altered {
        notes.push("texts of the call were cut or masked when they were recorded; the command sends the marks".into());
    }
    let outcome = if request.is_altered { Outcome::No } else { Outcome::Fine };
    CurlCommand { text: shell_command(&provider, &body), notes, outcome }
}
