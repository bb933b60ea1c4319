//! Collects errors, so that one compilation reports all of them.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, Result};

/// Errors found so far. The type exists only inside [`Errors::gather`], so that no error is dropped.
pub(crate) struct Errors {
    found: Option<Error>,
}

impl Errors {
    /// Runs stages that can find errors. Returns their product if they found none.
    pub(crate) fn gather<T>(stages: impl FnOnce(&mut Self) -> T) -> Result<T> {
        let mut errors = Self { found: None };
        let product = stages(&mut errors);
        match errors.found {
            None => Ok(product),
            Some(found) => Err(found),
        }
    }

    /// Adds an error at one token.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.add(Error::new(span, message));
    }

    /// Adds an error that underlines all of `tokens`.
    pub(crate) fn under(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    /// Adds the error of a parser.
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.found {
            None => self.found = Some(error),
            Some(found) => found.combine(error),
        }
    }

    /// Returns the value, or adds the error.
    pub(crate) fn unless<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::Errors;

    #[test]
    fn errors_keep_their_order() {
        let gathered = Errors::gather(|errors| {
            errors.at(Span::call_site(), "first");
            errors.at(Span::call_site(), "second");
        });
        let messages: Vec<_> = gathered.unwrap_err().into_iter().map(|e| e.to_string()).collect();
        assert_eq!(messages, ["first", "second"]);
    }

    #[test]
    fn gather_without_errors_returns_the_product() {
        assert_eq!(Errors::gather(|_| 7).unwrap(), 7);
    }
}
