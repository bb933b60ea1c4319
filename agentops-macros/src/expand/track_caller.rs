//! Expands a `#[track_caller]` function: its body becomes a separate function with the same attribute.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, FnArg, GenericParam, Pat, Safety, Signature, ext::IdentExt};

use super::{
    body::{braces, expect_nothing, return_result, used},
    continuation::{call, hand_on, value},
    function::{signature, type_of},
    outcome::outcome,
    span_start,
};
use crate::{
    item::{Binding, Function, GENERATED, Home, Output},
    model::Model,
    path::Private,
};

/// Expands the function, with its body inside it, or beside it if it is a method.
pub(super) fn expand(model: &Model, function: &Function, track_caller: &Attribute) -> TokenStream {
    let Function { visibility, modifiers, .. } = function;
    let private = Private::of(model.args.root.value());
    let name = name(model, function, track_caller);
    let (signature, own) = (outer(function), own(model, function, &name));
    let start = span_start::start(model, function, &private);
    let run = run(model, function, &name, &private);
    let mut attributes = function.attributes.clone();
    attributes.iter_mut().for_each(expect_nothing);
    let [inside, beside] = match function.home() {
        Home::Nested => [own, TokenStream::new()],
        Home::Beside => [TokenStream::new(), own],
    };
    let block = braces(function, quote! { #inside #start #run });
    quote! { #(#attributes)* #visibility #modifiers #signature #block #beside }
}

/// Returns the name of the function with the body. It contains the kind, so that several of our attributes do not
/// clash. For a trait method, which cannot have a function beside it, the compiler's error shows this name.
fn name(model: &Model, function: &Function, track_caller: &Attribute) -> Ident {
    let at_attribute = track_caller.pound_token.spans[0];
    let (kind, name) = (model.kind.name(), function.signature.ident.unraw());
    let rule = match function.home() {
        Home::Nested => "",
        Home::Beside => "_must_be_inherent_to_track_its_caller",
    };
    format_ident!("{GENERATED}{kind}_{name}{rule}", span = at_attribute)
}

/// Returns the signature without a `mut` that only the body needs.
fn outer(function: &Function) -> Signature {
    let mut signature = signature(function);
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first_mut() {
        receiver.mutability = None;
    }
    signature
}

/// Returns the body as a function of its own, with the user's arguments.
fn own(model: &Model, function: &Function, name: &Ident) -> TokenStream {
    let site = Span::mixed_site();
    let attributes = function.attributes_of_body();
    let signature = Signature { abi: None, ident: name.clone(), ..function.signature.clone() };
    let (inner_attributes, statements) = (&function.body.attributes, &function.body.statements);
    let used = used(model, function);
    let body = braces(function, quote! { #inner_attributes #used #statements });
    quote_spanned! {site=>
        #[doc(hidden)]
        #[allow(dead_code, clippy::too_many_arguments, clippy::type_complexity)]
        #(#attributes)*
        #signature #body
    }
}

/// Runs the body in the span, without a closure around it. The returned value may continue the call.
fn run(model: &Model, function: &Function, name: &Ident, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let start = span_start::variable();
    let returned = model.returned(function);
    let begin = Ident::new(if returned.is_deferred() { "Deferring" } else { "Running" }, site);
    let body = call_of(function, name);
    let begin = quote_spanned! {site=>
        let __agentops_running = #private::#begin::new(#start);
        let __agentops_inside = __agentops_running.enter();
    };
    if matches!(model.output(function), Output::Never) {
        return quote_spanned! {site=> #begin #body };
    }
    let (call, value) = (call(), value());
    let go_on = if returned.is_value() {
        let outcome = outcome(model, private);
        quote_spanned! {site=> #call.value(#value, #outcome) }
    } else {
        hand_on(model, &returned, private)
    };
    let (output, returned) = (type_of(model, function), return_result(function));
    let underscored = function.bindings().any(Binding::is_underscored);
    let allowance =
        underscored.then(|| quote_spanned! {site=> #[allow(clippy::used_underscore_binding)] });
    quote_spanned! {site=>
        #begin
        #allowance
        let #value = #body;
        ::core::mem::drop(__agentops_inside);
        let #call = __agentops_running.into_call();
        let __agentops_result: #output = #go_on;
        #returned
    }
}

/// Returns the call of the function with the body, with all arguments passed on.
fn call_of(function: &Function, name: &Ident) -> TokenStream {
    let site = Span::mixed_site();
    let outer = outer(function);
    let arguments = outer.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(receiver) => {
            let this = receiver.self_token;
            Some(quote! { #this })
        }
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(name) => {
                let name = &name.ident;
                Some(quote! { #name })
            }
            _ => None,
        },
    });
    let of = matches!(function.home(), Home::Beside).then(|| quote_spanned! {site=> Self:: });
    let parameters: Vec<_> = outer.generics.params.iter().filter_map(named).collect();
    let parameters =
        (!parameters.is_empty()).then(|| quote_spanned! {site=> ::<#(#parameters),*> });
    let call = quote_spanned! {site=> #of #name #parameters (#(#arguments),*) };
    if !matches!(outer.safety, Safety::Unsafe(_)) {
        return call;
    }
    quote_spanned! {site=> unsafe { #call } }
}

/// Returns a generic parameter that must be passed on because it may not be inferred; lifetimes cannot be passed.
fn named(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(of) => Some(&of.ident),
        GenericParam::Const(of) => Some(&of.ident),
        GenericParam::Lifetime(_) => None,
    }
}
