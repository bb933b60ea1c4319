//! Searches tokens for names.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;

/// Returns `true` if tokens mention a name, raw or not, including in a format string.
pub(crate) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    let name = name.unraw();
    let in_a_format = format!("{{{name}");
    any(tokens, &|token| match token {
        TokenTree::Ident(word) => word.unraw() == name,
        TokenTree::Literal(text) => text.to_string().contains(&in_a_format),
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    })
}

fn any(tokens: TokenStream, matches: &impl Fn(&TokenTree) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => any(group.stream(), matches),
        token => matches(&token),
    })
}

#[cfg(test)]
mod tests {
    use quote::{format_ident, quote};

    use super::mentions;

    #[test]
    fn mentions_finds_names_raw_nested_and_in_formats() {
        let name = format_ident!("r#type");
        assert!(mentions(quote! { f(|| [r#type]) }, &name));
        assert!(mentions(quote! { format!("{type:?}") }, &name));
        assert!(mentions(quote! { a.query }, &format_ident!("query")));
        assert!(!mentions(quote! { format!("type", kind) }, &name));
    }
}
