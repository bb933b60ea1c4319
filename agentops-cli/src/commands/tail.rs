//! Command `agentops tail`: follows sessions that run.

mod followed_session;
mod follower;
mod tail_lines;

use std::{sync::Arc, time::Duration};

use clap::Args;

use self::follower::{Follower, Target};
use super::{Failure, Outcome, StoreArgs, selection::Selection};
use crate::terminal::{Screen, Style};

/// Time between two looks at the store.
const INTERVAL: Duration = Duration::from_millis(250);

/// Follow the sessions that run, with a line for each span that ends.
///
/// Of each session that runs already it says what it does now; its spans follow as they end, each indented below those
/// around it, which end later. Tokens and cost of a span include everything below it; errors are shown whole. Ctrl-C
/// ends it. With an ID it ends when that session ends, and the exit status is 1 if the session failed or was aborted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops tail                all sessions that run, and those that begin later
  agentops tail --io           with input and output of each span
  agentops tail last           the newest session, until it ends
  agentops tail 4164 | grep ✗  one by the start of its id, failed spans alone")]
pub(crate) struct Tail {
    /// Session: `last`, `last~1`, the start of an id, or a file; all by default.
    #[arg(value_name = "ID")]
    session: Option<String>,

    #[command(flatten)]
    store: StoreArgs,

    /// Show input and output of each span.
    #[arg(long)]
    io: bool,
}

impl Tail {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let mut follower = self.follower()?;
        let mut outcome = follower.look(screen)?;
        if outcome.is_none() && follower.is_idle() {
            screen.line(&screen.styled(Style::Dim, &self.waiting()))?;
        }
        loop {
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
            screen.wait(INTERVAL)?;
            outcome = follower.look(screen)?;
        }
    }

    fn follower(&self) -> Result<Follower, Failure> {
        let Some(text) = &self.session else {
            let store = self.store.open_awaited()?;
            return Ok(Follower::new(Arc::new(store), Target::All, self.io));
        };
        let Selection { store, session, span } = self.store.select(text)?;
        if span.is_some() {
            let (session, _) = text.split_once('/').unwrap_or((text, ""));
            let problem =
                format!("`{text}` names a span; a session is followed whole: `{session}`");
            return Err(Failure::Usage(problem));
        }
        Ok(Follower::new(store, Target::One(session), self.io))
    }

    fn waiting(&self) -> String {
        let dir = &self.store.dir;
        if dir.is_dir() {
            return "nothing runs; waiting …".to_owned();
        }
        format!("there is no folder `{}` yet; waiting …", agentops_core::push::shown(dir))
    }
}

#[cfg(test)]
mod tests;
