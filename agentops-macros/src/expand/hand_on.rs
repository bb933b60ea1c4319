//! A call that goes on after its function has returned: in a future, in a stream, or in both.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::outcome::{failed, outcome};
use crate::{
    item::{Place, Returned},
    model::Model,
    path::Private,
};

/// `__agentops_call`, the call that goes on.
pub(super) fn call() -> Ident {
    Ident::new("__agentops_call", Span::mixed_site())
}

/// `__agentops_value`, what it goes on in.
pub(super) fn value() -> Ident {
    Ident::new("__agentops_value", Span::mixed_site())
}

/// The value with the call in it; what came instead of a future or a stream ends the call.
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
        Returned::Future { place, meaning, output, span } => {
            let future = quote_spanned! {at(*span)=> #private::comes_to::<#output, _>(#value) };
            let goes_on = if meaning.is_value() {
                let outcome = outcome(model, private);
                quote_spanned! {site=> #call.record(#future, #outcome) }
            } else {
                let goes_on = hand_on(model, meaning, private);
                let goes_on = closure(output, &goes_on);
                quote_spanned! {site=> #call.open(#future, #goes_on) }
            };
            placed(*place, private, &goes_on)
        }
        Returned::Stream { place, item, span } => {
            let stream = quote_spanned! {at(*span)=> #private::yields::<#item, _>(#value) };
            let outcome = outcome(model, private);
            placed(*place, private, &quote_spanned! {site=> #call.stream(#stream, #outcome) })
        }
    }
}

/// The function from what a future comes to, and the call, to what the caller gets. An `async fn` may have an
/// error of any size, about which clippy complains in a closure.
pub(super) fn closure(output: &impl ToTokens, body: &TokenStream) -> TokenStream {
    let (call, value) = (call(), value());
    quote_spanned! {Span::mixed_site()=>
        #[allow(clippy::result_large_err)]
        |#value, #call| -> #output { #body }
    }
}

/// Where the type is written that what goes on must have.
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
