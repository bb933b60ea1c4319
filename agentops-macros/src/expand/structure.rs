//! Expands a struct that is an agent: the struct, and the implementation of its identity.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Generics, Ident, LitStr, Token, WhereClause, parse_quote_spanned};

use super::span_start::call;
use crate::{
    item::{FieldMark, IdentityPart, Structure},
    model::Model,
    path::Private,
};

pub(super) fn expand(model: &Model, structure: &Structure) -> TokenStream {
    let declaration = &structure.declaration;
    let identity = identity(model, structure);
    quote! { #declaration #identity }
}

/// Returns the implementation that the runtime calls in every method of the struct.
pub(super) fn identity(model: &Model, structure: &Structure) -> TokenStream {
    let site = Span::mixed_site();
    let private = Private::of(model.args.root.value());
    let ident = &structure.declaration.ident;
    let (parameters, arguments, _) = structure.generics().split_for_impl();
    let bounds = bounds(structure, structure.generics(), &private);
    let name = model.agent_name(structure);
    let parts = parts(model, structure, &private);
    let this = this();
    quote_spanned! {site=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #private::Identified for #ident #arguments #bounds {
            fn agent_identity(&#this) -> #private::AgentIdentity {
                let __agentops_identity = #private::AgentIdentity::of(#name);
                #(#parts)*
                __agentops_identity
            }
        }
    }
}

/// Returns the `self` that expressions in options can use.
fn this() -> Token![self] {
    Token![self](Span::call_site())
}

/// Returns the bounds of the struct, plus `FieldValue` for generic fields that provide a part of the identity.
fn bounds(structure: &Structure, generics: &Generics, private: &Private) -> Option<WhereClause> {
    let marked = structure.marks.iter().map(|mark| &mark.of_type);
    let mut generics = generics.clone();
    for of_type in marked.filter(|of_type| structure.is_generic(of_type)) {
        let bound = parse_quote_spanned! {Span::mixed_site()=> #of_type: #private::FieldValue };
        generics.make_where_clause().predicates.push(bound);
    }
    generics.where_clause
}

/// Returns one statement for each part of the identity.
fn parts(model: &Model, structure: &Structure, private: &Private) -> Vec<TokenStream> {
    let options = [
        ("name", model.name_value()),
        ("id", model.args.id.value()),
        ("role", model.args.role.value()),
        ("description", model.args.description.value()),
    ];
    let options = options.into_iter().filter_map(|(part, value)| {
        Some(set_part(part, &TokenStream::new(), &call("field_value", value?, private)))
    });
    let docs = structure.description().filter(|_| model.args.description.key().is_none());
    let docs = docs.map(|text| {
        let text = LitStr::new(&text, Span::mixed_site());
        let value = quote_spanned! {Span::mixed_site()=> #private::field_value(#text) };
        set_part("description", &TokenStream::new(), &value)
    });
    let fields = IdentityPart::ALL.into_iter().filter_map(|part| structure.field(part));
    options.chain(docs).chain(fields.filter_map(|mark| field(mark, private))).collect()
}

/// Returns the statement for a field. The field's type is written out, so that the compiler points at it if it
/// cannot be a part of an identity.
fn field(mark: &FieldMark, private: &Private) -> Option<TokenStream> {
    let FieldMark { member, conditions, of_type, .. } = mark;
    let this = this();
    let value = quote_spanned! {Span::mixed_site()=>
        #private::identity_part::<#of_type>(&#this.#member)
    };
    let conditions = quote! { #(#conditions)* };
    Some(set_part(mark.part?.word(), &conditions, &value))
}

fn set_part(part: &str, conditions: &TokenStream, value: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let part = Ident::new(part, site);
    quote_spanned! {site=>
        #conditions
        let __agentops_identity = __agentops_identity.#part(#value);
    }
}
