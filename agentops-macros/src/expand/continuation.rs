//! Expands a call that continues after its function has returned: in a future, a stream, or both.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;

use super::outcome::{failed, outcome};
use crate::{
    item::{Place, Returned, Work, has_word},
    model::Model,
    path::Private,
};

/// Returns the identifier `__agentops_call`: the call that continues.
pub(super) fn call() -> Ident {
    Ident::new("__agentops_call", Span::mixed_site())
}

/// Returns the identifier `__agentops_value`: the value in which the call continues.
pub(super) fn value() -> Ident {
    Ident::new("__agentops_value", Span::mixed_site())
}

/// Returns the value wrapped so that it carries the call. An `Err` or a `None` ends the call.
pub(super) fn hand_on(model: &Model, returned: &Returned, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let (call, value) = (call(), value());
    match returned {
        Returned::Value => quote_spanned! {site=> #value },
        Returned::Unknown => {
            let outcome = outcome(model, private);
            quote_spanned! {site=> #private::hand_on!(#value, #call, #outcome) }
        }
        Returned::Result(inner) => {
            let goes_on = hand_on(model, inner, private);
            let failed = failed(model, private);
            quote_spanned! {site=>
                match #value {
                    ::core::result::Result::Ok(#value) => ::core::result::Result::Ok(#goes_on),
                    ::core::result::Result::Err(__agentops_error) => {
                        #call.end(#failed);
                        ::core::result::Result::Err(__agentops_error)
                    }
                }
            }
        }
        Returned::Option(inner) => {
            let goes_on = hand_on(model, inner, private);
            quote_spanned! {site=>
                match #value {
                    ::core::option::Option::Some(#value) => ::core::option::Option::Some(#goes_on),
                    ::core::option::Option::None => {
                        #call.end(#private::nothing());
                        ::core::option::Option::None
                    }
                }
            }
        }
        Returned::Required { work, span } => {
            let outcome = outcome(model, private);
            let (hand_on, mut value) = (required(*work, *span), value);
            // The span makes the compiler point at the value if it cannot be wrapped.
            value.set_span(at(*span));
            quote_spanned! {at(*span)=> #private::#hand_on(#value, #call, #outcome) }
        }
        Returned::Future { place, meaning, output, span } => {
            placed(*place, private, &record(model, meaning, output, *span, private))
        }
        Returned::Items { place, work, item, span } => {
            let outcome = outcome(model, private);
            let [spelled, yields, go_on] = match work {
                Work::Iterator => ["iterator_as", "iterates", "iterator"],
                Work::Stream | Work::Future => ["stream_as", "yields", "stream"],
            };
            let [spelled, yields, go_on] =
                [spelled, yields, go_on].map(|word| Ident::new(word, site));
            let recorded = if is_spelled(item) {
                quote_spanned! {site=> #call.#spelled::<#item, _, _>(#value, #outcome) }
            } else {
                let items = quote_spanned! {at(*span)=> #private::#yields::<#item, _>(#value) };
                quote_spanned! {site=> #call.#go_on(#items, #outcome) }
            };
            placed(*place, private, &recorded)
        }
    }
}

/// Returns the future wrapped so that it carries the call. The call ends with the future's output or continues in
/// it.
fn record(
    model: &Model,
    meaning: &Returned,
    output: &Type,
    span: Span,
    private: &Private,
) -> TokenStream {
    let (site, call, value) = (Span::mixed_site(), call(), value());
    if meaning.is_value() && is_spelled(output) {
        let outcome = outcome(model, private);
        return quote_spanned! {site=> #call.record_as::<#output, _, _>(#value, #outcome) };
    }
    let future = quote_spanned! {at(span)=> #private::comes_to::<#output, _>(#value) };
    if meaning.is_value() {
        let outcome = outcome(model, private);
        return quote_spanned! {site=> #call.record(#future, #outcome) };
    }
    let go_on = closure(output, &hand_on(model, meaning, private));
    match meaning.way_to_unknown() {
        Some(way) => {
            let way = way.into_iter().map(|step| Ident::new(step, site));
            quote_spanned! {site=> #private::record_by_type!(#call, #future, [#(#way)*], #go_on) }
        }
        None => quote_spanned! {site=> #call.open(#future, #go_on) },
    }
}

/// Returns `true` if a type contains no `_` that the compiler must infer.
fn is_spelled(of: &Type) -> bool {
    !has_word(of.to_token_stream(), "_")
}

/// Returns the runtime function that accepts only types that can be wrapped.
fn required(work: Work, span: Span) -> Ident {
    let name = match work {
        Work::Future => "hand_on_future",
        Work::Stream | Work::Iterator => "hand_on_stream",
    };
    Ident::new(name, at(span))
}

/// Returns a closure from a future's output and the call to the value that the caller gets. An `async fn` may have
/// an error of any size, but clippy warns about large ones in a closure.
pub(super) fn closure(output: &impl ToTokens, body: &TokenStream) -> TokenStream {
    let (call, value) = (call(), value());
    quote_spanned! {Span::mixed_site()=>
        #[allow(clippy::result_large_err)]
        |#value, #call| -> #output { #body }
    }
}

/// Returns a macro span at the place where the required type is written.
fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn placed(place: Place, private: &Private, what: &TokenStream) -> TokenStream {
    let function = Ident::new(
        match place {
            Place::Bare => "bare",
            Place::Boxed => "boxed",
            Place::Pinned => "pinned",
        },
        Span::mixed_site(),
    );
    quote_spanned! {Span::mixed_site()=> #private::#function(#what) }
}
