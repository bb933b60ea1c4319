//! Tests of the attributes as a whole, from tokens to tokens.

mod diagnostics;
#[cfg(not(feature = "off"))]
mod expansion;
mod fallback;
#[cfg(feature = "off")]
mod off;

use proc_macro2::{TokenStream, TokenTree};
use syn::LitStr;

use crate::{annotate, keyword::Kind};

/// Returns the error messages of an expansion.
fn messages(kind: Kind, args: &str, item: &str) -> Vec<String> {
    let expanded = annotate(kind, &args.parse().unwrap(), item.parse().unwrap());
    let mut messages = Vec::new();
    let mut tokens = expanded.into_iter();
    while let Some(token) = tokens.next() {
        if matches!(&token, TokenTree::Ident(word) if word == "compile_error") {
            let Some(TokenTree::Group(group)) = tokens.nth(1) else {
                unreachable!("it has braces")
            };
            messages.push(syn::parse2::<LitStr>(group.stream()).unwrap().value());
        }
    }
    messages
}

/// Returns the tokens as text with uniform spacing.
fn spaced(tokens: &TokenStream) -> String {
    tokens.to_string()
}
