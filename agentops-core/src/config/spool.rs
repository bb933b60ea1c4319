//! Where spans wait on disk, and for how long.

use std::{path::PathBuf, time::Duration};

use super::{environment::Environment, positive};
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

pub(super) fn choose(
    choice: &Choice,
    env: &Environment,
) -> Result<Option<SpoolSettings>, ConfigError> {
    let from_env = env.text("AGENTOPS_SPOOL_DIR")?.map(PathBuf::from);
    let max_bytes = positive("spool_max_bytes", choice.max_bytes, None, 256 << 20)? as u64;
    let max_age = choice.max_age.unwrap_or(Duration::from_secs(7 * 24 * 3600));
    Ok(choice.dir.clone().or(from_env).map(|dir| SpoolSettings { dir, max_bytes, max_age }))
}
