//! How the runtime is told what a call has come to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{ExprPath, spanned::Spanned};

use crate::{args::ErrMode, keyword::Kind, model::Model, path::Private};

/// As many `Result`s in one another are looked into.
const MOST_RESULTS: usize = 4;

/// The function from a value to what is recorded of it.
pub(super) fn outcome(model: &Model, private: &Private) -> TokenStream {
    let mode = mode(model);
    let response = match model.args.response.value() {
        Some(extractor) => Some(response(extractor)),
        // A type may tell of the answer by itself.
        None if model.kind == Kind::Llm => Some(quote_spanned! {Span::mixed_site()=> ; auto }),
        // So it may say that it failed, unless that is of no interest.
        None if model.kind == Kind::Tool
            && !matches!(model.args.err.value(), Some(ErrMode::Off)) =>
        {
            Some(quote_spanned! {Span::mixed_site()=> ; tool })
        }
        None => None,
    };
    let deeper = deeper(model);
    quote_spanned! {Span::mixed_site()=> #private::outcome!(#mode #deeper #response) }
}

/// One word for each `Result` that may stand in another; more than a few are not looked into.
fn deeper(model: &Model) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let results = model.item.function()?.results().min(MOST_RESULTS);
    let words = (1..results).map(|_| Ident::new("result", site));
    (results > 1).then(|| quote_spanned! {site=> , #(#words)* })
}

/// The call of the function that finds the response in the returned value; an error of its type shows there.
fn response(extractor: &ExprPath) -> TokenStream {
    let at_extractor = Span::mixed_site().located_at(extractor.span());
    let returned = Ident::new("__agentops_returned", at_extractor);
    quote_spanned! {at_extractor=> ; #returned => #extractor(#returned) }
}

/// What is recorded of `__agentops_error`.
pub(super) fn failed(model: &Model, private: &Private) -> TokenStream {
    let mode = mode(model);
    quote_spanned! {Span::mixed_site()=> #private::failed!(#mode &__agentops_error) }
}

fn mode(model: &Model) -> Option<Ident> {
    let mode = match model.args.err.value()? {
        ErrMode::Display => "display",
        ErrMode::Debug => "debug",
        ErrMode::Off => "off",
    };
    Some(Ident::new(mode, Span::mixed_site()))
}
