//! Places the user's statements in a scope of their own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::{Attribute, Meta, ReceiverKind, parse_quote_spanned};

use crate::{
    item::{Argument, Binding, Function, GENERATED, Output, Pattern},
    model::Model,
    tokens::mentions,
};

/// Returns the user's statements for a closure, after arguments that are dropped in the order of the plain
/// function.
pub(super) fn body(model: &Model, function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    let statements = &function.body.statements;
    let receiver = whole_receiver(function);
    let arguments = rebound_arguments(model, function);
    if arguments.is_empty() {
        return quote_spanned! {site=> #receiver #statements };
    }
    named_result(model, function, &quote_spanned! {site=> #receiver #arguments })
}

/// Returns the user's statements after variables. The result is bound to a name: before edition 2024, temporaries
/// of the last expression that borrow from a variable would otherwise outlive it.
fn named_result(model: &Model, function: &Function, variables: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let statements = &function.body.statements;
    let output = match model.output(function) {
        Output::Unit => quote_spanned! {site=> : () },
        Output::Written(output) => quote_spanned! {site=> : #output },
        Output::Opaque => TokenStream::new(),
        Output::Never => return quote_spanned! {site=> #variables #statements },
    };
    // The first statement keeps clippy from treating a body that only diverges as part of the `let`.
    let block = braces(function, quote_spanned! {site=> let () = (); #statements });
    let returned = return_result(function);
    quote_spanned! {site=>
        #variables
        let __agentops_result #output = #block;
        #returned
    }
}

/// Returns `__agentops_result`. The tokens have the span of the user's last expression, so that type errors point there.
pub(super) fn return_result(function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    let [first, last] = ends_of_tail(&function.body.statements).map(|end| site.located_at(end));
    let (returns, result) = (Ident::new("return", first), Ident::new("__agentops_result", last));
    quote_spanned! {site=>
        #[allow(unreachable_code, clippy::needless_return)]
        #returns #result;
    }
}

/// Returns the spans of the beginning and the end of the last expression.
fn ends_of_tail(statements: &TokenStream) -> [Span; 2] {
    let tokens: Vec<TokenTree> = statements.clone().into_iter().collect();
    let begins = |pair: &[TokenTree]| match pair {
        [TokenTree::Punct(punct), _] => punct.as_char() == ';',
        // After a block, a word that does not continue the expression.
        [TokenTree::Group(block), TokenTree::Ident(word)] => {
            block.delimiter() == Delimiter::Brace && word != "else" && word != "as"
        }
        _ => false,
    };
    let first = tokens.windows(2).rposition(begins).map_or(0, |place| place + 1);
    match (tokens.get(first), tokens.last()) {
        (Some(first), Some(last)) => [first.span(), last.span()],
        _ => [Span::mixed_site(); 2],
    }
}

/// Moves a `self` taken by value into the body as a whole. Otherwise fields that the body does not use would be
/// dropped separately.
fn whole_receiver(function: &Function) -> TokenStream {
    match function.signature.receiver() {
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(..)) => {
            let receiver = receiver.self_token;
            quote_spanned! {Span::mixed_site()=> let _ = &#receiver; }
        }
        _ => TokenStream::new(),
    }
}

/// Moves all arguments into the body and drops them in the order of arguments: last first.
fn rebound_arguments(model: &Model, function: &Function) -> TokenStream {
    let all = function.arguments.iter().enumerate();
    all.map(|(place, argument)| rebound(model, function, place, argument)).collect()
}

/// Moves all arguments into an async block. Captured values are dropped in the order in which they are first
/// named, and are stored once; a variable in the block would be stored a second time.
pub(super) fn captured_arguments(model: &Model, function: &Function) -> TokenStream {
    let kept = kept(model, function).iter().enumerate().rev();
    let captured: TokenStream = kept.map(|(place, argument)| captured(place, argument)).collect();
    let receiver = whole_receiver(function);
    quote_spanned! {Span::mixed_site()=> #captured #receiver }
}

/// Returns the user's statements for an async block, after the arguments that must become variables of it.
pub(super) fn async_statements(model: &Model, function: &Function) -> TokenStream {
    let statements = &function.body.statements;
    let kept = kept(model, function).len();
    let rest = function.arguments.iter().enumerate().skip(kept);
    let rebound: TokenStream =
        rest.map(|(place, argument)| rebound(model, function, place, argument)).collect();
    if rebound.is_empty() {
        return statements.clone();
    }
    named_result(model, function, &rebound)
}

/// Returns the leading arguments that can be used as captured. The rest, from the first one that is mutable or
/// possibly unused, become variables, so that the compiler reports the same lints as for arguments. Variables are
/// dropped before captured values.
fn kept<'a>(model: &Model, function: &'a Function) -> &'a [Argument] {
    let is_used = |binding: &Binding| {
        let is_used = binding.is_underscored()
            || model.uses(function, binding)
            || mentions(function.body.statements.clone(), &binding.ident);
        is_used && binding.mutability.is_none()
    };
    let all = &function.arguments;
    let unused = all.iter().position(|argument| !argument.bindings.iter().all(is_used));
    &all[..unused.unwrap_or(all.len())]
}

fn captured(place: usize, argument: &Argument) -> TokenStream {
    let site = Span::mixed_site();
    if argument.pattern == Pattern::Wildcard {
        let conditions = &argument.conditions;
        let name = unnamed(place);
        return quote_spanned! {site=> #(#conditions)* let _ = &#name; };
    }
    let captured = argument.bindings.iter().rev().map(|binding| {
        let underscored = binding.is_underscored().then(|| {
            quote_spanned! {site=> #[allow(clippy::used_underscore_binding)] }
        });
        let Binding { ident, conditions, .. } = binding;
        quote_spanned! {site=> #(#conditions)* #underscored let _ = &#ident; }
    });
    captured.collect()
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
        let Binding { ident, mutability, conditions } = binding;
        let used = use_of(model, function, binding);
        quote_spanned! {site=>
            #(#conditions)* #(#lints)* #allowance let #mutability #ident = #ident;
            #used
        }
    });
    bindings.collect()
}

/// Uses all arguments that the span records.
pub(super) fn used(model: &Model, function: &Function) -> TokenStream {
    function.bindings().filter_map(|binding| use_of(model, function, binding)).collect()
}

/// Uses an argument that the span records, so that it does not count as unused even if the body ignores it.
fn use_of(model: &Model, function: &Function, binding: &Binding) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let underscored = binding.is_underscored().then(|| {
        quote_spanned! {site=> #[allow(clippy::used_underscore_binding)] }
    });
    let Binding { ident, conditions, .. } = binding;
    model
        .uses(function, binding)
        .then(|| quote_spanned! {site=> #(#conditions)* #underscored let _ = &#ident; })
}

/// Silences clippy lints that apply to variables but not to arguments.
fn allowance(binding: &Binding) -> TokenStream {
    let site = Span::mixed_site();
    let of_underscored = binding.is_underscored().then(|| {
        quote_spanned! {site=>
            , clippy::no_effect_underscore_binding, clippy::used_underscore_binding
        }
    });
    let of_mutable = binding.mutability.map(|_| {
        quote_spanned! {site=> , clippy::collection_is_never_read }
    });
    quote_spanned! {site=> #[allow(clippy::shadow_same #of_underscored #of_mutable)] }
}

/// Returns the generated name of an argument that is `_` in the user's code.
pub(super) fn unnamed(place: usize) -> Ident {
    format_ident!("{GENERATED}arg{place}", span = Span::mixed_site())
}

/// Turns `#[expect]` into `#[allow]`, since the expected lint is now reported elsewhere.
pub(super) fn expect_nothing(attribute: &mut Attribute) {
    if let Meta::List(list) = &mut attribute.meta
        && list.path.is_ident("expect")
    {
        list.path = parse_quote_spanned! {Span::mixed_site()=> allow };
    }
}

/// Creates braces located at the user's braces, but with a span of the macro, so that lints ignore them.
pub(super) fn braces(function: &Function, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(Span::mixed_site().located_at(function.body.braces.join()));
    group
}
