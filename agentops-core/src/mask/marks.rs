//! Texts that stand for what a built-in mask has replaced.

pub(crate) const CARD_NUMBER: &str = "<card number>";
pub(crate) const E_MAIL: &str = "<e-mail>";
pub(crate) const KEY: &str = "<key>";
