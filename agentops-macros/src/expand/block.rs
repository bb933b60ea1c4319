//! Expands an annotated impl block: the same block, with the attribute on each method that it applies to.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::{
    item::{Block, Member, Method},
    keyword,
    model::Model,
    own_attributes::Mark,
    path::Private,
};

pub(super) fn expand(model: &Model, block: &Block) -> TokenStream {
    let Block { attributes, head, inner_attributes, .. } = block;
    let attribute = Handed::new(model, block);
    let members = block.members.iter().map(|member| match member {
        Member::Other(tokens) => tokens.clone(),
        Member::Function(method) => annotated(model, block, method, &attribute),
    });
    let mut body = Group::new(Delimiter::Brace, quote! { #inner_attributes #(#members)* });
    body.set_span(block.braces);
    quote! { #(#attributes)* #head #body }
}

/// Adds the attribute after the method's own attributes, unless the method is skipped or has one of our attributes
/// already. Helper attributes are removed by the last macro that reads them.
fn annotated(model: &Model, block: &Block, method: &Method, attribute: &Handed) -> TokenStream {
    let own = method.attributes.iter().map(|own| match model.mark(own) {
        _ if model.is_read_again(block) => own.to_token_stream(),
        Some(Mark::Skip) => TokenStream::new(),
        Some(Mark::SkipIf) => model.skip_if(own).and_then(|skip| skip.rest).unwrap_or_default(),
        Some(Mark::Kind(_) | Mark::Unknown) | None => own.to_token_stream(),
    });
    let rest = &method.rest;
    let attribute = model.distributes_to(block, method).then(|| attribute.under(model, method));
    quote! { #(#own)* #attribute #rest }
}

/// Attribute with the options of the block, under an absolute path that works wherever the block is.
struct Handed(TokenStream);

impl Handed {
    fn new(model: &Model, block: &Block) -> Self {
        let site = Span::mixed_site();
        let private = Private::of(model.args.root.value());
        let macro_name = Ident::new(model.kind.name(), Span::call_site());
        let word = Ident::new(keyword::TYPE_NAME, site);
        let name = model.block_name(block).map(|name| quote_spanned! {site=> #word = #name, });
        let options = &model.args.tokens;
        Self(quote! { #private::stacked::#macro_name(#name #options) })
    }

    /// Returns the attribute for a method, under a condition if the method is skipped conditionally.
    fn under(&self, model: &Model, method: &Method) -> TokenStream {
        let Self(attribute) = self;
        let skips = method.attributes.iter().filter_map(|own| model.skip_if(own));
        let conditions: Vec<_> = skips.map(|skip| skip.condition).collect();
        if conditions.is_empty() {
            return quote! { #[#attribute] };
        }
        quote! { #[cfg_attr(not(any(#(#conditions),*)), #attribute)] }
    }
}
