//! Expands the code that describes the outcome of a call to the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{ExprPath, spanned::Spanned};

use crate::{args::ErrMode, keyword::Kind, model::Model, path::Private};

/// Maximum number of nested `Result`s that are checked.
const MOST_RESULTS: usize = 4;

/// Returns the function from a returned value to its recorded outcome.
pub(super) fn outcome(model: &Model, private: &Private) -> TokenStream {
    let mode = mode(model);
    let response = match model.args.response.value() {
        Some(extractor) => Some(response(extractor)),
        // The returned type may implement `ToLlmResponse`.
        None if model.kind == Kind::Llm => Some(quote_spanned! {Span::mixed_site()=> ; auto }),
        // The returned type may implement `ToolOutcome`, unless errors are ignored.
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

/// Returns one word for each further `Result` that may be nested in the first, up to a maximum.
fn deeper(model: &Model) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let results = model.item.function()?.results().min(MOST_RESULTS);
    let words = (1..results).map(|_| Ident::new("result", site));
    (results > 1).then(|| quote_spanned! {site=> , #(#words)* })
}

/// Returns the call of the function that extracts the response, with its span, so that type errors point there.
fn response(extractor: &ExprPath) -> TokenStream {
    let at_extractor = Span::mixed_site().located_at(extractor.span());
    let returned = Ident::new("__agentops_returned", at_extractor);
    quote_spanned! {at_extractor=> ; #returned => #extractor(#returned) }
}

/// Returns the description of the failure `__agentops_error`.
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
