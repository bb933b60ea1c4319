//! Expands an annotated function: the user's signature, with a body that runs the user's body in a span.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, Pat, Signature, parse_quote_spanned, spanned::Spanned};

use super::{
    body::{
        async_statements, body, braces, captured_arguments, expect_nothing, return_result, unnamed,
    },
    continuation,
    outcome::outcome,
    span_start,
};
use crate::{
    item::{Function, Output, Pattern, Returned},
    model::Model,
    path::Private,
};

pub(super) fn expand(model: &Model, function: &Function) -> TokenStream {
    let Function { attributes, visibility, modifiers, body, .. } = function;
    let private = Private::of(model.args.root.value());
    let signature = signature(function);
    let inner_attributes = &body.attributes;
    let run = if function.signature.asyncness.is_some() {
        run_async(model, function, &private)
    } else {
        let start = span_start::start(model, function, &private);
        let run = run(model, function, &private);
        quote! { #start #run }
    };
    let block = braces(function, quote! { #inner_attributes #run });
    quote! { #(#attributes)* #visibility #modifiers #signature #block }
}

/// Returns the signature with every argument bound to a name, and without a `mut` that only the body needs.
pub(super) fn signature(function: &Function) -> Signature {
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
                // Without its `mut`, a name inside a `&` pattern would bind something else.
                input.attrs.push(parse_quote_spanned! {Span::mixed_site()=> #[allow(unused_mut)] });
            }
            _ => {}
        }
    }
    signature
}

/// Runs the body in a closure. The returned value may be a future or a stream that continues the call.
fn run(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = span_start::variable();
    let output = match model.output(function) {
        Output::Unit => quote_spanned! {site=> -> () },
        Output::Never => quote_spanned! {site=> -> ! },
        Output::Written(output) => quote_spanned! {site=> -> #output },
        Output::Opaque => TokenStream::new(),
    };
    let body = braces(function, body(model, function));
    let body = quote_spanned! {site=> move || #output #body };
    let returned = model.returned(function);
    if returned.is_value() {
        let outcome = outcome(model, private);
        return quote_spanned! {site=> #private::run(#start, #body, #outcome) };
    }
    let hand_on = continuation::hand_on(model, &returned, private);
    if let Some(way) = returned.way_to_unknown() {
        let way = steps(way);
        let go_on = continuation::closure(&type_of(model, function), &hand_on);
        return quote_spanned! {site=> #private::run_by_type!(#start, #body, [#(#way)*], #go_on) };
    }
    let begin = Ident::new(if returned.is_deferred() { "defer" } else { "open" }, site);
    let (call, value) = (continuation::call(), continuation::value());
    let (output, returned) = (type_of(model, function), return_result(function));
    quote_spanned! {site=>
        let (#call, #value) = #private::#begin(#start, #body);
        let __agentops_result: #output = #hand_on;
        #returned
    }
}

/// Runs the body in an async block. Its output may be a future or a stream that continues the call.
fn run_async(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let returned = model.returned(function);
    let body = async_body(model, function, private);
    if returned.is_value() {
        let outcome = outcome(model, private);
        let call = quote_spanned! {site=> #private::run_async(#body, #outcome).await };
        return match function.output() {
            Output::Never => quote_spanned! {site=> match #call {} },
            _ => call,
        };
    }
    let hand_on = continuation::hand_on(model, &returned, private);
    let go_on = continuation::closure(&type_of(model, function), &hand_on);
    match returned.way_to_unknown() {
        Some(way) => {
            let way = steps(way);
            quote_spanned! {site=>
                #private::record_by_type!(#private::Unstarted, #body, [#(#way)*], #go_on).await
            }
        }
        None => quote_spanned! {site=> #private::open_async(#body, #go_on).await },
    }
}

/// Returns the body as an async block, within the budget that can cancel it. The span is also created inside the
/// block: values read in the outer function would be stored in its future in addition to the block.
fn async_body(model: &Model, function: &Function, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let arguments = captured_arguments(model, function);
    let (start, variable) = (span_start::start(model, function, private), span_start::variable());
    let return_edge = return_edge(model, function);
    let body = async_statements(model, function);
    let body = quote_spanned! {site=>
        async move {
            #arguments
            {
                #start
                #private::hand_over(#variable);
            }
            #private::begun().await;
            #return_edge
            #body
        }
    };
    if matches!(model.returned(function), Returned::Future { .. }) {
        // Clippy suspects a missing `.await` in such a block, though not in an `async fn`.
        return quote_spanned! {site=>
            {
                #[allow(clippy::async_yields_async)]
                let __agentops_body = #body;
                __agentops_body
            }
        };
    }
    if model.cancels() {
        quote_spanned! {site=> #private::within(#body) }
    } else {
        body
    }
}

/// Converts the path to a type that the compiler classifies to method names.
fn steps(way: Vec<&'static str>) -> impl Iterator<Item = Ident> {
    way.into_iter().map(|step| Ident::new(step, Span::mixed_site()))
}

/// Returns the output type of the body, as far as it can be written.
pub(super) fn type_of(model: &Model, function: &Function) -> TokenStream {
    match model.output(function) {
        Output::Written(output) => output,
        Output::Unit | Output::Never | Output::Opaque => quote_spanned! {Span::mixed_site()=> _ },
    }
}

/// Returns a `return` that never runs, but fixes the output type of the async block, for which there is no syntax.
fn return_edge(model: &Model, function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    let (output, at_output) = match model.output(function) {
        Output::Unit => (quote_spanned! {site=> () }, site),
        Output::Never => (quote_spanned! {site=> ::core::convert::Infallible }, site),
        Output::Written(output) => {
            let at_output = site.located_at(output.span());
            (output, at_output)
        }
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
