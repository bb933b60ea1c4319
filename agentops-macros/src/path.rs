//! Path from expanded code to the runtime, wherever the user's crate re-exports it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// Module of the runtime that expanded code calls, `::agentops::__private`.
pub(crate) struct Private(TokenStream);

impl Private {
    /// Returns the module below the path given as `crate = …`, or below `::agentops`.
    pub(crate) fn of(root: Option<&Path>) -> Self {
        let site = Span::mixed_site();
        Self(match root {
            Some(root) => quote_spanned! {site=> #root::__private },
            None => quote_spanned! {site=> ::agentops::__private },
        })
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse_quote;

    use super::Private;

    #[test]
    fn private_module_is_below_the_given_crate() {
        let given = Private::of(Some(&parse_quote!(crate::reexported)));
        assert_eq!(given.to_token_stream().to_string(), "crate :: reexported :: __private");
        assert_eq!(Private::of(None).to_token_stream().to_string(), ":: agentops :: __private");
    }
}
