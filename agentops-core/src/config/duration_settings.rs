//! Settings that are durations.

use std::time::Duration;

use super::{
    variable_names::{
        AGENTOPS_EXPORT_FLUSH_INTERVAL, AGENTOPS_MAX_WAIT_TIME, AGENTOPS_SESSION_DRAIN_TIMEOUT,
    },
    variable_reader::{Environment, milliseconds},
};
use crate::error::ConfigError;

/// Returns the maximum time that an ended span is buffered.
pub(super) fn max_wait(set: Option<Duration>, env: &Environment) -> Result<Duration, ConfigError> {
    let wait = env.parse(AGENTOPS_MAX_WAIT_TIME, milliseconds)?;
    let synonym = env.parse(AGENTOPS_EXPORT_FLUSH_INTERVAL, milliseconds)?;
    Ok(set.or(wait).or(synonym).unwrap_or(Duration::from_secs(1)))
}

/// Returns the maximum time that a session stays open after its function has returned.
pub(super) fn session_drain(
    set: Option<Duration>,
    env: &Environment,
) -> Result<Duration, ConfigError> {
    let from_env = env.parse(AGENTOPS_SESSION_DRAIN_TIMEOUT, milliseconds)?;
    Ok(set.or(from_env).unwrap_or(Duration::from_secs(300)))
}

/// Returns the default timeout of a request: 10 s, as in OpenTelemetry, or four fifths of the shutdown timeout if
/// that is less, so that after a request that hangs during shutdown there is time for another.
pub(super) fn of_request(shutdown_timeout: Duration) -> Duration {
    Duration::from_secs(10).min(shutdown_timeout / 5 * 4)
}
