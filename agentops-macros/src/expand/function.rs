//! An annotated function: the user's signature, around a body that runs theirs in a span.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, Signature, parse_quote_spanned, spanned::Spanned};

use super::{
    body::{body, braces, expect_nothing, unnamed},
    start,
};
use crate::{
    args::ErrMode,
    item::{Function, Output, Pattern},
    model::Model,
    path::Private,
};

pub(super) fn expand(model: &Model, function: &Function) -> TokenStream {
    let Function { attributes, visibility, modifiers, body, .. } = function;
    let private = Private::of(model.args.root.value());
    let signature = signature(function);
    let inner_attributes = &body.attributes;
    let start = start::start(model, function, &private);
    let run = if function.signature.asyncness.is_some() {
        run_async(model, function, &private)
    } else {
        run(model, function, &private)
    };
    let block = braces(function, quote! { #inner_attributes #start #run });
    quote! { #(#attributes)* #visibility #modifiers #signature #block }
}

/// The signature with every argument bound to a name, and no `mut` that only the body needs.
fn signature(function: &Function) -> Signature {
    let mut signature = function.signature.clone();
    let typed = signature.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (place, (input, argument)) in typed.zip(&function.arguments).enumerate() {
        input.attrs.iter_mut().for_each(expect_nothing);
        match (&mut *input.pat, argument.pattern) {
            (Pat::Ident(name), Pattern::Name) => name.mutability = None,
            (pattern, Pattern::Wildcard) => {
                let name = unnamed(place);
                *pattern = parse_quote_spanned! {Span::mixed_site()=> #name };
            }
            _ if argument.bindings.iter().any(|binding| binding.mutability.is_some()) => {
                // Without its `mut`, a name under `&` would bind something else.
                input.attrs.push(parse_quote_spanned! {Span::mixed_site()=> #[allow(unused_mut)] });
            }
            _ => {}
        }
    }
    signature
}

fn run(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = start::variable();
    let output = match function.output() {
        Output::Unit => quote_spanned! {site=> -> () },
        Output::Never => quote_spanned! {site=> -> ! },
        Output::Written(output) => quote_spanned! {site=> -> #output },
        Output::Opaque => TokenStream::new(),
    };
    let body = body(model, function);
    let outcome = outcome(model, private);
    quote_spanned! {site=>
        #private::run(#start, move || #output { #body }, #outcome)
    }
}

fn run_async(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = start::variable();
    let return_edge = return_edge(function);
    let body = body(model, function);
    let outcome = outcome(model, private);
    let call = quote_spanned! {site=>
        #private::run_async(#start, async move { #return_edge #body }, #outcome).await
    };
    match function.output() {
        Output::Never => quote_spanned! {site=> match #call {} },
        Output::Unit | Output::Opaque | Output::Written(_) => call,
    }
}

/// A `return` that never runs, but tells the compiler what the block returns, as no syntax can.
fn return_edge(function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    let (output, at_output) = match function.output() {
        Output::Unit => (quote_spanned! {site=> () }, site),
        Output::Never => (quote_spanned! {site=> ::core::convert::Infallible }, site),
        Output::Written(output) => (output.to_token_stream(), site.located_at(output.span())),
        Output::Opaque => return TokenStream::new(),
    };
    quote_spanned! {at_output=>
        #[allow(
            unreachable_code,
            clippy::diverging_sub_expression,
            clippy::empty_loop,
            clippy::infinite_loop,
            clippy::let_unit_value,
            clippy::needless_return,
            clippy::unreachable,
        )]
        if false {
            let __agentops_return: #output = loop {};
            return __agentops_return;
        }
    }
}

fn outcome(model: &Model, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let mode = model.args.err.value().map(|mode| {
        let mode = match mode {
            ErrMode::Display => "display",
            ErrMode::Debug => "debug",
            ErrMode::Off => "off",
        };
        Ident::new(mode, site)
    });
    quote_spanned! {site=> #private::outcome!(#mode) }
}
