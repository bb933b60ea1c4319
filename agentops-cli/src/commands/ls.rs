//! Command `agentops ls`: sessions, newest first.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::{
    Failure, Outcome, StoreArgs,
    cells::{counted, print_faults, token_cell},
    filter_args::FilterArgs,
    session_table::{print_sessions, state_name},
};
use crate::{
    store::{LetterCase, Needle, SessionList, SessionSummary, Store},
    terminal::{Screen, Style, dollars},
};

/// List sessions, newest first.
///
/// The bright part of an id is enough to name the session, as in `agentops show 41`. The exit status is 0, also if
/// no session matches.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops ls                      the 20 newest sessions
  agentops ls --failed --since 2d  what failed in the last two days
  agentops ls --tag ci --json      one JSON object a line, for scripts")]
pub(crate) struct Ls {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    filter: FilterArgs,

    /// List only sessions in which this text stands: in a name, an input, an output or an error.
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,

    /// Number of sessions to list; 0 for all.
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    number: usize,

    /// Print one JSON object a session.
    #[arg(long)]
    json: bool,
}

impl Ls {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let store = self.store.open()?;
        let SessionList { mut sessions, faults } = store.sessions()?;
        let ids: BTreeSet<_> = sessions.iter().map(|session| session.id).collect();
        let filter = self.filter.filter(screen.now);
        sessions.retain(|session| filter.selects(session));
        if let Some(text) = &self.grep {
            let needle = Needle::new(text, LetterCase::Matters);
            // A session that has no file yet, or that was removed meanwhile, has no text.
            sessions.retain(|session| store.has_hit(session.id, &needle).unwrap_or_default());
        }
        let most = if self.number == 0 { usize::MAX } else { self.number };
        let listed = &sessions[..sessions.len().min(most)];
        if self.json {
            for session in listed {
                screen.line(&as_json(session).to_string())?;
            }
            return Ok(Outcome::Fine);
        }
        if ids.is_empty() {
            let dir = agentops_core::push::shown(&self.store.dir);
            screen
                .line(&format!("no sessions in `{dir}` yet; run a program with agentops first"))?;
        } else {
            print_sessions(screen, listed, &ids)?;
            screen.line(&screen.styled(Style::Dim, &sums(listed, sessions.len(), ids.len())))?;
        }
        print_faults(screen, &faults)?;
        Ok(Outcome::Fine)
    }
}

/// Returns the last line: the sums of what is listed.
fn sums(listed: &[SessionSummary], found: usize, all: usize) -> String {
    let sum = |of: fn(&SessionSummary) -> Option<u64>| {
        listed.iter().filter_map(of).reduce(u64::saturating_add)
    };
    let cost = listed.iter().filter_map(|session| session.cost).reduce(|sum, usd| sum + usd);
    let (input, output) =
        (sum(|session| session.input_tokens), sum(|session| session.output_tokens));
    let errors: u64 = listed.iter().map(|session| session.errors).sum();
    let parts = [
        Some(format!("{} of {all} sessions", listed.len())),
        (found != all).then(|| format!("{found} match")),
        (input.or(output).is_some()).then(|| format!("{} tokens", token_cell(input, output))),
        cost.map(dollars),
        (errors > 0).then(|| counted(errors, "error")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn as_json(session: &SessionSummary) -> serde_json::Value {
    json!({
        "id": session.id.to_string(),
        "name": session.name,
        "start_unix_nano": session.start,
        "end_unix_nano": session.end,
        "state": state_name(session.state),
        "spans": session.spans,
        "llm_calls": session.llm_calls,
        "input_tokens": session.input_tokens,
        "output_tokens": session.output_tokens,
        "cost_usd": session.cost,
        "errors": session.errors,
        "user": session.user,
        "tags": session.tags,
        "step": session.step,
        "bytes": session.bytes,
    })
}
