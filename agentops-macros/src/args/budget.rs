//! Parses `budget(…)`: the limits of a session.

use proc_macro2::Ident;
use syn::{Error, Expr, Result, ext::IdentExt, parse::ParseStream};

use super::{
    Key, Slot, list,
    option_value::{self, Policy},
};
use crate::keyword;

/// Limits given; each is an expression.
#[derive(Default)]
pub(crate) struct Budget {
    count: usize,
    pub(crate) tokens: Slot<Expr>,
    pub(crate) usd: Slot<Expr>,
    pub(crate) seconds: Slot<Expr>,
    pub(crate) policy: Slot<Policy>,
}

impl Budget {
    /// Parses `tokens = n`, `usd = x`, `seconds = s` or `policy = Cancel`.
    pub(super) fn limit(&mut self, input: ParseStream<'_>) -> Result<()> {
        let message = "`budget` takes limits; write `budget(tokens = 50_000)`";
        let ident =
            input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), message))?;
        self.count += 1;
        let key = Key { ident, place: self.count };
        match key.word().as_str() {
            keyword::TOKENS => self.tokens.fill(key, input, option_value::count),
            keyword::USD => self.usd.fill(key, input, option_value::number),
            keyword::SECONDS => self.seconds.fill(key, input, option_value::number),
            keyword::POLICY => self.policy.fill(key, input, option_value::policy),
            word => Err(Error::new(key.ident.span(), unknown(word))),
        }
    }
}

/// Parses `budget(tokens = n, usd = x, seconds = s)`.
pub(super) fn budget(key: &Key, input: ParseStream<'_>) -> Result<Budget> {
    let mut budget = Budget::default();
    list::each(key, input, "budget(tokens = 50_000)", |input| budget.limit(input))?;
    Ok(budget)
}

fn unknown(word: &str) -> String {
    let limits = [keyword::TOKENS, keyword::USD, keyword::SECONDS, keyword::POLICY];
    match keyword::nearest(word, limits.into_iter()) {
        Some(meant) => format!("unknown limit `{word}`; did you mean `{meant}`?"),
        None => format!("unknown limit `{word}`; expected `tokens`, `usd`, `seconds` or `policy`"),
    }
}
