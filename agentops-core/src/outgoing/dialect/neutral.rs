//! Reverse translation: the neutral name of a dialect's key.

use super::{agentops, openinference};
use crate::record::semconv as key;

/// Returns the neutral name of a key from which totals are computed. Any other key is returned as it is.
pub(crate) fn neutral(written: &str) -> &str {
    if written == openinference::MODEL {
        return key::RESPONSE_MODEL;
    }
    let mut tokens = agentops::TOKENS.into_iter().chain(openinference::TOKENS);
    tokens.find(|(_, theirs)| *theirs == written).map_or(written, |(name, _)| name)
}
