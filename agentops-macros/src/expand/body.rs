//! The user's statements, in a place of their own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Attribute, Meta, ReceiverKind, parse_quote_spanned};

use crate::{
    item::{Argument, Binding, Function, GENERATED, Output, Pattern},
    model::Model,
};

/// The user's statements, behind arguments that drop in the order of the unannotated function.
pub(super) fn body(model: &Model, function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    let statements = &function.body.statements;
    let receiver = whole_receiver(function);
    let arguments = rebound_arguments(model, function);
    if arguments.is_empty() {
        return quote_spanned! {site=> #receiver #statements };
    }
    // The result has a name of its own, or else, before edition 2024, what the last expression borrows
    // from an argument would live longer than the argument.
    let output = match model.output(function) {
        Output::Unit => quote_spanned! {site=> : () },
        Output::Written(output) => quote_spanned! {site=> : #output },
        Output::Opaque => TokenStream::new(),
        Output::Never => return quote_spanned! {site=> #receiver #arguments #statements },
    };
    // The first statement keeps clippy from calling a body that only diverges a part of the `let`.
    let block = braces(function, quote_spanned! {site=> let () = (); #statements });
    quote_spanned! {site=>
        #receiver
        #arguments
        let __agentops_result #output = #block;
        #[allow(unreachable_code, clippy::needless_return)]
        return __agentops_result;
    }
}

/// Moves a `self` by value into the body as a whole: otherwise the fields that the body does not use
/// would be dropped apart from the others.
fn whole_receiver(function: &Function) -> TokenStream {
    match function.signature.receiver() {
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(..)) => {
            let receiver = receiver.self_token;
            quote_spanned! {Span::mixed_site()=> let _ = &#receiver; }
        }
        _ => TokenStream::new(),
    }
}

/// Moves the arguments into the body, used or not, and drops them as arguments are: last first.
fn rebound_arguments(model: &Model, function: &Function) -> TokenStream {
    function
        .arguments
        .iter()
        .enumerate()
        .map(|(place, argument)| rebound(model, function, place, argument))
        .collect()
}

fn rebound(model: &Model, function: &Function, place: usize, argument: &Argument) -> TokenStream {
    let site = Span::mixed_site();
    if argument.pattern == Pattern::Wildcard {
        let conditions = &argument.conditions;
        let name = unnamed(place);
        return quote_spanned! {site=> #(#conditions)* let #name = #name; };
    }
    let mut lints = argument.lints.clone();
    lints.iter_mut().for_each(expect_nothing);
    let bindings = argument.bindings.iter().map(|binding| {
        let allowance = allowance(binding);
        let underscored = binding.is_underscored().then(|| {
            quote_spanned! {site=> #[allow(clippy::used_underscore_binding)] }
        });
        let Binding { ident, mutability, conditions } = binding;
        // What the span says something of is used, even if the body makes nothing of it.
        let used = model
            .uses(function, binding)
            .then(|| quote_spanned! {site=> #(#conditions)* #underscored let _ = &#ident; });
        quote_spanned! {site=>
            #(#conditions)* #(#lints)* #allowance let #mutability #ident = #ident;
            #used
        }
    });
    bindings.collect()
}

/// Silences what clippy says of variables and not of arguments.
fn allowance(binding: &Binding) -> TokenStream {
    let site = Span::mixed_site();
    let mut allowance = TokenStream::new();
    if binding.is_underscored() {
        allowance.extend(quote_spanned! {site=>
            #[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)]
        });
    }
    if binding.mutability.is_some() {
        allowance.extend(quote_spanned! {site=> #[allow(clippy::collection_is_never_read)] });
    }
    allowance
}

/// The name of an argument that the user called `_`.
pub(super) fn unnamed(place: usize) -> Ident {
    format_ident!("{GENERATED}arg{place}", span = Span::mixed_site())
}

/// Turns `#[expect]` into `#[allow]`: what was expected is now in another place.
pub(super) fn expect_nothing(attribute: &mut Attribute) {
    if let Meta::List(list) = &mut attribute.meta
        && list.path.is_ident("expect")
    {
        list.path = parse_quote_spanned! {Span::mixed_site()=> allow };
    }
}

/// Braces that stand where the user's stood, and yet are not theirs: no lint speaks of them.
pub(super) fn braces(function: &Function, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(Span::mixed_site().located_at(function.body.braces.join()));
    group
}
