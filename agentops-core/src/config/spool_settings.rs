//! Settings of the spool: its folder, size and age limits.

use std::{path::PathBuf, time::Duration};

use super::{
    TracingConfigBuilder, positive, variable_names::AGENTOPS_SPOOL_DIR,
    variable_reader::Environment,
};
use crate::error::ConfigError;

/// Settings of the spool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpoolSettings {
    pub(crate) dir: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
}

/// Spool settings that the program has set.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) dir: Option<PathBuf>,
    pub(super) max_bytes: Option<usize>,
    pub(super) max_age: Option<Duration>,
}

impl TracingConfigBuilder {
    /// Sets a folder where spans are stored until the endpoint has accepted them, across restarts and crashes
    /// (`AGENTOPS_SPOOL_DIR`, default: none, spans wait in memory). With a spool, every span is first written to
    /// disk, within `max_wait_time`, and is sent from there at least once, oldest first. The next process sends
    /// what this one leaves behind. Processes may share a folder, but not processes that send to different
    /// projects of the same endpoint.
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool.dir = Some(dir.into());
        self
    }

    /// Sets the maximum size of the spool on disk in bytes, for each process that shares it (default 256 MiB).
    /// Beyond that, the oldest spans are dropped and counted as failed.
    pub fn spool_max_bytes(mut self, bytes: usize) -> Self {
        self.spool.max_bytes = Some(bytes);
        self
    }

    /// Sets the maximum age of spans on disk (default 7 days). Older spans are dropped and counted as failed.
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
