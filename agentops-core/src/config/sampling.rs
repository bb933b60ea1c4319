//! Sampling of sessions: the rate, and the decision for each session.
//!
//! A session that starts in this process is decided by a random number, since the process chooses the trace id itself.
//!
//! A session continued from another process is decided by its trace id, so that all of its requests get the same
//! decision. But the caller chooses the trace id. With a rule that anyone can compute, such as the lower half of
//! the id (`TraceIdRatioBased` of OpenTelemetry), a stranger could choose ids that are all recorded. The id is
//! therefore hashed with a key that no caller knows: HMAC-SHA256, of which the first 53 bits are the fraction that
//! is compared with the rate. It accepts any text as the key and is available in every language, should a service
//! that is not written in Rust have to make the same decisions.
//!
//! The key is the salt, if one is set: processes with the same salt and rate record the same sessions. Otherwise
//! each process makes a random key. Services then still agree in the most important case: a negative decision is
//! propagated in the headers of the next request and trusted, so that nothing is recorded below an unrecorded
//! session. A positive decision of a caller is ignored, except with
//! [`TrustRemote::Sampling`](crate::TrustRemote::Sampling). Without a salt, two processes that serve requests of
//! one session at a rate between 0 and 1 may therefore disagree, and record only a part of it.

use std::{
    hash::{BuildHasher, RandomState},
    sync::OnceLock,
};

use opentelemetry::TraceId;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use ring::hmac::{self, HMAC_SHA256};

use super::{
    Secret,
    variable_names::{AGENTOPS_SAMPLE_RATE, AGENTOPS_SAMPLE_SALT},
    variable_reader::{self, Environment},
};
use crate::error::{ConfigError, ConfigErrorKind};

/// Sampling decision for sessions: a rate and a hash key.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    pub(super) rate: f64,
    key: hmac::Key,
}

impl Sampling {
    fn new(rate: f64, salt: Option<&str>) -> Self {
        let own = own_key();
        Self { rate, key: hmac::Key::new(HMAC_SHA256, salt.map_or(own.as_slice(), str::as_bytes)) }
    }

    /// Records every session.
    #[cfg(test)]
    pub(crate) fn all() -> Self {
        Self::new(1.0, None)
    }

    /// Decides on a session that starts in this process. The random number has the same source as the span ids.
    pub(crate) fn takes_new(&self) -> bool {
        self.takes(|| RandomIdGenerator::default().new_span_id().to_bytes())
    }

    /// Decides on a session continued from this trace, whose id a stranger may have chosen.
    pub(crate) fn takes_trace(&self, trace: TraceId) -> bool {
        self.takes(|| {
            let tag = hmac::sign(&self.key, &trace.to_bytes());
            tag.as_ref().first_chunk().copied().unwrap_or_default()
        })
    }

    #[inline(always)]
    fn takes(&self, number: impl FnOnce() -> [u8; 8]) -> bool {
        self.rate >= 1.0 || fraction(number()) < self.rate
    }
}

/// Maps a random number to a fraction from 0 to 1, without 1.
fn fraction(number: [u8; 8]) -> f64 {
    // 53 bits are the precision of an `f64`.
    #[expect(clippy::cast_precision_loss, reason = "both numbers have at most 54 bits")]
    {
        (u64::from_be_bytes(number) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Returns a random key of this process, the same for all of its cores. It does not come from the generator of
/// span ids: their source is guessable, and the ids are visible to others. The hasher of `std` is keyed by the
/// operating system.
fn own_key() -> [u8; 16] {
    static KEY: OnceLock<[u8; 16]> = OnceLock::new();
    *KEY.get_or_init(|| {
        let random = RandomState::new();
        let half = |number: u8| u128::from(random.hash_one(number));
        (half(0) << 64 | half(1)).to_be_bytes()
    })
}

pub(super) fn choose(
    rate: Option<f64>,
    salt: Option<&Secret>,
    env: &Environment,
) -> Result<Sampling, ConfigError> {
    let rate = sample_rate(rate, env)?;
    Ok(Sampling::new(rate, sample_salt(salt.map(Secret::reveal), env)?))
}

fn sample_rate(set: Option<f64>, env: &Environment) -> Result<f64, ConfigError> {
    let from_env = env.parse(AGENTOPS_SAMPLE_RATE, variable_reader::rate)?;
    match set {
        Some(rate) if !(0.0..=1.0).contains(&rate) => Err(ConfigError::new(
            "sample_rate",
            ConfigErrorKind::OutOfRange,
            format!("is {rate}; give a number from 0 to 1"),
        )),
        set => Ok(set.or(from_env).unwrap_or(1.0)),
    }
}

/// Returns the salt without surrounding spaces, from the program as from the environment, so that the two agree.
fn sample_salt<'a>(
    set: Option<&'a str>,
    env: &'a Environment,
) -> Result<Option<&'a str>, ConfigError> {
    let from_env = env.text(AGENTOPS_SAMPLE_SALT)?;
    match set.map(str::trim) {
        Some("") => Err(ConfigError::new(
            "sample_salt",
            ConfigErrorKind::OutOfRange,
            "is empty; give a text that callers do not know, or none",
        )),
        set => Ok(set.or(from_env)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(sampling: &Sampling, ids: impl Iterator<Item = u128>) -> Vec<u128> {
        ids.filter(|id| sampling.takes_trace(TraceId::from(*id))).collect()
    }

    /// Ids that publicly computable rules take for the smallest ones.
    fn chosen() -> impl Iterator<Item = u128> {
        (1..=1_000_u128).map(|id| id << 64)
    }

    #[test]
    fn sampling_uses_documented_hmac() {
        // Value of `hmac.new(b"pepper", bytes.fromhex("0af7651916cd43dd8448eb211c80319c"), "sha256").digest()[:8]`
        // in Python.
        let first = [41, 237, 129, 8, 20, 80, 36, 251];
        let trace = TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        for (rate, is_taken) in [(fraction(first), false), (fraction(first) + 1e-9, true)] {
            assert_eq!(Sampling::new(rate, Some("pepper")).takes_trace(trace), is_taken);
        }
    }

    #[test]
    fn sampling_is_deterministic_per_salt() {
        let by = |salt| taken(&Sampling::new(0.1, Some(salt)), 1..=1_000);
        assert_eq!(by("a"), by("a"));
        assert_ne!(by("a"), by("b"));
        assert!((60..140).contains(&by("a").len()), "{}", by("a").len());
    }

    #[test]
    fn ids_cannot_be_chosen_to_be_taken() {
        // With this salt, exactly 2 are taken. With a random key it is 1 on average, and practically never more
        // than 30.
        assert_eq!(taken(&Sampling::new(0.001, Some("salt")), chosen()).len(), 2);
        assert!(taken(&Sampling::new(0.001, None), chosen()).len() <= 30);
    }

    #[test]
    fn sample_rate_one_keeps_all_zero_none() {
        assert_eq!(taken(&Sampling::new(1.0, None), chosen()).len(), 1_000);
        assert_eq!(taken(&Sampling::new(0.0, None), chosen()).len(), 0);
        let own = |rate| (0..1_000).filter(|_| Sampling::new(rate, None).takes_new()).count();
        assert_eq!([own(1.0), own(0.0)], [1_000, 0]);
    }

    #[test]
    fn default_sampling_key_is_constant_per_process() {
        let by = || taken(&Sampling::new(0.1, None), 1..=1_000);
        assert_eq!(by(), by());
        assert_ne!(by(), taken(&Sampling::new(0.1, Some("a")), 1..=1_000));
    }
}
