//! Settings of local session files: their folder and its bounds.

use std::{path::PathBuf, time::Duration};

use super::{
    TracingConfigBuilder,
    variable_names::{
        AGENTOPS_LOCAL_DIR, AGENTOPS_LOCAL_MAX_AGE, AGENTOPS_LOCAL_MAX_BYTES,
        AGENTOPS_LOCAL_MAX_SESSIONS, Variable,
    },
    variable_reader::Environment,
};
use crate::error::{ConfigError, ConfigErrorKind};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Folder of local sessions with its bounds; `None` is no bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LocalSettings {
    pub(crate) dir: PathBuf,
    pub(crate) max_sessions: Option<u64>,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) max_age: Option<Duration>,
}

impl LocalSettings {
    /// Creates the settings of a folder with the default bounds.
    pub(crate) fn at(dir: PathBuf) -> Self {
        Self { dir, max_sessions: Some(1_000), max_bytes: Some(1 << 30), max_age: Some(30 * DAY) }
    }
}

/// Local settings that the program has set; `Some(None)` turns a bound off.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) dir: Option<PathBuf>,
    pub(super) max_sessions: Option<Option<usize>>,
    pub(super) max_bytes: Option<Option<u64>>,
    pub(super) max_age: Option<Option<Duration>>,
}

impl TracingConfigBuilder {
    /// Sets the folder of local sessions (`AGENTOPS_LOCAL_DIR`, default `.agentops/sessions`).
    pub fn local_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.local.dir = Some(dir.into());
        self
    }

    /// Sets the maximum number of local sessions (`AGENTOPS_LOCAL_MAX_SESSIONS`, a number or `off`; default 1,000;
    /// `None` for no bound). Sessions beyond this or another bound are removed, the least recently written first,
    /// but never the newest one nor one that is still open.
    pub fn local_max_sessions(mut self, sessions: impl Into<Option<usize>>) -> Self {
        self.local.max_sessions = Some(sessions.into());
        self
    }

    /// Sets the maximum total size of local sessions in bytes (`AGENTOPS_LOCAL_MAX_BYTES`, a number or `off`;
    /// default 1 GiB; `None` for no bound).
    pub fn local_max_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.local.max_bytes = Some(bytes.into());
        self
    }

    /// Sets the maximum age of local sessions (`AGENTOPS_LOCAL_MAX_AGE` in days, or `off`; default 30 days; `None`
    /// for no bound).
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

/// Rejects a bound of zero, which would keep nothing.
fn check(setting: &str, is_zero: bool) -> Result<(), ConfigError> {
    match is_zero {
        true => Err(ConfigError::new(
            setting,
            ConfigErrorKind::OutOfRange,
            "is 0; give more, or `None` for no bound",
        )),
        false => Ok(()),
    }
}

impl Environment {
    /// Parses a bound: a number, or `off`.
    fn parse_bound(&self, variable: Variable) -> Result<Option<Option<u64>>, ConfigError> {
        self.parse(variable, |text| match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            Err(_) if text.eq_ignore_ascii_case("off") => Ok(None),
            _ => Err("expected a whole number of at least 1, or `off`"),
        })
    }
}
