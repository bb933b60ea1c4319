//! How the runtime is told what a call has come to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::{args::ErrMode, model::Model, path::Private};

/// The function from a value to what is recorded of it.
pub(super) fn outcome(model: &Model, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let mode = mode(model);
    let extractor = model.args.response.value().map(|path| quote_spanned! {site=> ; #path });
    quote_spanned! {site=> #private::outcome!(#mode #extractor) }
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
