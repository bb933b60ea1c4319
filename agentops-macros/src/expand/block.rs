//! An annotated impl block: the same block, with the attribute on each method that it reaches.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;

use crate::{
    item::{Block, Member, Method},
    keyword,
    mark::Mark,
    model::Model,
    path::Private,
};

pub(super) fn expand(model: &Model, block: &Block) -> TokenStream {
    let Block { head, attributes, .. } = block;
    let attribute = attribute(model, block);
    let members = block.members.iter().map(|member| match member {
        Member::Other(tokens) => tokens.clone(),
        Member::Function(method) => annotated(model, block, method, &attribute),
    });
    let mut body = Group::new(Delimiter::Brace, quote! { #attributes #(#members)* });
    body.set_span(block.braces);
    quote! { #head #body }
}

/// A method with the attribute behind its own, unless it is left out or has one of ours already.
fn annotated(
    model: &Model,
    block: &Block,
    method: &Method,
    attribute: &TokenStream,
) -> TokenStream {
    let kept: Vec<&Attribute> =
        method.attributes.iter().filter(|own| model.mark(own) != Some(Mark::Skip)).collect();
    let rest = &method.rest;
    let attribute = model.distributes_to(block, method).then_some(attribute);
    quote! { #(#kept)* #attribute #rest }
}

/// The attribute with the options of the block, under a path that holds wherever the block stands.
fn attribute(model: &Model, block: &Block) -> TokenStream {
    let site = Span::mixed_site();
    let private = Private::of(model.args.root.value());
    let macro_name = Ident::new(model.kind.name(), Span::call_site());
    let word = Ident::new(keyword::TYPE_NAME, site);
    let name = model.block_name(block).map(|name| quote_spanned! {site=> #word = #name, });
    let options = &model.args.tokens;
    quote! { #[#private::stacked::#macro_name(#name #options)] }
}
