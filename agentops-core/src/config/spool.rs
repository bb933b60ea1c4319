//! Where spans wait on disk, and for how long.

use std::{path::PathBuf, time::Duration};

use super::{
    TracingConfigBuilder, environment::Environment, positive, variables::AGENTOPS_SPOOL_DIR,
};
use crate::error::ConfigError;

/// The settings of a spool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpoolSettings {
    pub(crate) dir: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
}

/// What the program said about it.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) dir: Option<PathBuf>,
    pub(super) max_bytes: Option<usize>,
    pub(super) max_age: Option<Duration>,
}

impl TracingConfigBuilder {
    /// A folder where spans wait until the endpoint has them, across restarts and crashes
    /// (`AGENTOPS_SPOOL_DIR`, default: none, they wait in memory). With it everything goes to disk first,
    /// within `max_wait_time`, and is sent from there, at least once, the oldest first; what this process
    /// leaves the next one sends. Processes may share a folder; those that send to different projects of the
    /// same endpoint must not.
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool.dir = Some(dir.into());
        self
    }

    /// The most bytes of the spool on disk, for each process that shares it (default 256 MiB); beyond
    /// that the oldest goes, and is counted as failed.
    pub fn spool_max_bytes(mut self, bytes: usize) -> Self {
        self.spool.max_bytes = Some(bytes);
        self
    }

    /// The longest time that spans wait on disk (default 7 days); what is older goes, and is counted as failed.
    pub fn spool_max_age(mut self, age: Duration) -> Self {
        self.spool.max_age = Some(age);
        self
    }
}

pub(super) fn choose(
    choice: &Choice,
    env: &Environment,
) -> Result<Option<SpoolSettings>, ConfigError> {
    let from_env = env.text(AGENTOPS_SPOOL_DIR)?.map(PathBuf::from);
    let max_bytes = positive("spool_max_bytes", choice.max_bytes, None, 256 << 20)? as u64;
    let max_age = choice.max_age.unwrap_or(Duration::from_secs(7 * 24 * 3600));
    Ok(choice.dir.clone().or(from_env).map(|dir| SpoolSettings { dir, max_bytes, max_age }))
}
