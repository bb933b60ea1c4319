//! The share of sessions that are recorded.

use super::{
    environment::{self, Environment},
    variables::AGENTOPS_SAMPLE_RATE,
};
use crate::error::ConfigError;

pub(super) fn sample_rate(set: Option<f64>, env: &Environment) -> Result<f64, ConfigError> {
    let from_env = env.parse(AGENTOPS_SAMPLE_RATE, environment::rate)?;
    match set {
        Some(rate) if !(0.0..=1.0).contains(&rate) => {
            Err(ConfigError::new("sample_rate", format!("is {rate}; give a number from 0 to 1")))
        }
        set => Ok(set.or(from_env).unwrap_or(1.0)),
    }
}
