//! Where sessions stay on this machine, and how many of them.

use std::{path::PathBuf, time::Duration};

use super::{
    TracingConfigBuilder,
    environment::Environment,
    variables::{
        AGENTOPS_LOCAL_DIR, AGENTOPS_LOCAL_MAX_AGE, AGENTOPS_LOCAL_MAX_BYTES,
        AGENTOPS_LOCAL_MAX_SESSIONS, Variable,
    },
};
use crate::error::ConfigError;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The folder of local sessions with its bounds; without a bound there is as much as there is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LocalSettings {
    pub(crate) dir: PathBuf,
    pub(crate) max_sessions: Option<u64>,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) max_age: Option<Duration>,
}

impl LocalSettings {
    /// A folder with the usual bounds.
    pub(crate) fn at(dir: PathBuf) -> Self {
        Self { dir, max_sessions: Some(1_000), max_bytes: Some(1 << 30), max_age: Some(30 * DAY) }
    }
}

/// What the program said about it; a bound that is `Some(None)` is none.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) dir: Option<PathBuf>,
    pub(super) max_sessions: Option<Option<usize>>,
    pub(super) max_bytes: Option<Option<u64>>,
    pub(super) max_age: Option<Option<Duration>>,
}

impl TracingConfigBuilder {
    /// The folder of local sessions (`AGENTOPS_LOCAL_DIR`, default `.agentops/sessions`).
    pub fn local_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.local.dir = Some(dir.into());
        self
    }

    /// The most local sessions that are kept (`AGENTOPS_LOCAL_MAX_SESSIONS`, a number or `off`; default 1,000;
    /// `None` for no bound). Beyond that, and beyond the other bounds, those that were written to the longest
    /// ago are removed, but neither the newest one nor any that is still open.
    pub fn local_max_sessions(mut self, sessions: impl Into<Option<usize>>) -> Self {
        self.local.max_sessions = Some(sessions.into());
        self
    }

    /// The most bytes that local sessions take together (`AGENTOPS_LOCAL_MAX_BYTES`, a number or `off`; default
    /// 1 GiB; `None` for no bound).
    pub fn local_max_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.local.max_bytes = Some(bytes.into());
        self
    }

    /// For how long local sessions are kept (`AGENTOPS_LOCAL_MAX_AGE` in days, or `off`; default 30 days;
    /// `None` for no bound).
    pub fn local_max_age(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.local.max_age = Some(age.into());
        self
    }
}

pub(super) fn choose(choice: Choice, env: &Environment) -> Result<LocalSettings, ConfigError> {
    let dir = env.text(AGENTOPS_LOCAL_DIR)?.map(PathBuf::from);
    let dir = choice.dir.or(dir).unwrap_or_else(|| PathBuf::from(".agentops/sessions"));
    let usual = LocalSettings::at(dir);
    let sessions = env.parse_bound(AGENTOPS_LOCAL_MAX_SESSIONS)?;
    let set_sessions = choice.max_sessions.map(|set| set.map(|number| number as u64));
    let bytes = env.parse_bound(AGENTOPS_LOCAL_MAX_BYTES)?;
    let days = env.parse_bound(AGENTOPS_LOCAL_MAX_AGE)?;
    let age = days.map(|bound| bound.map(|days| Duration::from_secs(days.saturating_mul(86_400))));
    let set_age = choice.max_age;
    check("local_max_sessions", set_sessions == Some(Some(0)))?;
    check("local_max_bytes", choice.max_bytes == Some(Some(0)))?;
    check("local_max_age", set_age == Some(Some(Duration::ZERO)))?;
    Ok(LocalSettings {
        max_sessions: set_sessions.or(sessions).unwrap_or(usual.max_sessions),
        max_bytes: choice.max_bytes.or(bytes).unwrap_or(usual.max_bytes),
        max_age: set_age.or(age).unwrap_or(usual.max_age),
        ..usual
    })
}

/// A bound of nothing would keep nothing.
fn check(setting: &str, is_zero: bool) -> Result<(), ConfigError> {
    match is_zero {
        true => Err(ConfigError::new(setting, "is 0; give more, or `None` for no bound")),
        false => Ok(()),
    }
}

impl Environment {
    /// A bound: a number, or `off`.
    fn parse_bound(&self, variable: Variable) -> Result<Option<Option<u64>>, ConfigError> {
        self.parse(variable, |text| match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            Err(_) if text.eq_ignore_ascii_case("off") => Ok(None),
            _ => Err("expected a whole number of at least 1, or `off`"),
        })
    }
}
