//! Options that select sessions.

use clap::Args;

use crate::{
    store::{SessionFilter, StateFilter},
    terminal::parse_time,
};

/// Options that select sessions.
#[derive(Clone, Debug, Args)]
pub(crate) struct FilterArgs {
    /// Take only sessions that started in this time, such as `30m`, `12h`, `2d`.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<u64>,

    /// Take only sessions whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Take only sessions with this tag.
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,

    /// Take only sessions that failed, or whose process died.
    #[arg(long)]
    failed: bool,

    /// Take only sessions that are running.
    #[arg(long, conflicts_with = "failed")]
    running: bool,
}

impl FilterArgs {
    /// Returns the filter at a time in nanoseconds since 1970.
    pub(super) fn filter(&self, now: u64) -> SessionFilter {
        let failed = self.failed.then_some(StateFilter::Failed);
        SessionFilter {
            since: self.since.map_or(0, |since| now.saturating_sub(since)),
            name: self.name.clone().unwrap_or_default(),
            tag: self.tag.clone(),
            state: failed.or(self.running.then_some(StateFilter::Running)),
            ..Default::default()
        }
    }
}
