//! The way back: the neutral name of what a dialect has written.

use super::{agentops, openinference};
use crate::record::semconv as key;

/// The neutral name of a key that totals are made of; another key stays as it is.
pub(crate) fn neutral(written: &str) -> &str {
    if written == openinference::MODEL {
        return key::RESPONSE_MODEL;
    }
    let mut tokens = agentops::TOKENS.into_iter().chain(openinference::TOKENS);
    tokens.find(|(_, theirs)| *theirs == written).map_or(written, |(name, _)| name)
}
