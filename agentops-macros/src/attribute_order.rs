//! Orders several of our attributes on one item: the first is the outermost, as written.
//!
//! The compiler expands the first attribute first, which would make it the innermost. Instead it moves itself
//! behind the others, under a path that tells them not to move in turn.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Path, Result,
    parse::{ParseStream, Parser},
};

use crate::{keyword::Kind, model::Model, path::Private};

/// Moves this attribute behind our other attributes. Returns `None` if there are no others.
pub(crate) fn step_behind(model: &Model, item: TokenStream) -> Option<TokenStream> {
    let (attributes, rest) = split.parse2(item).ok()?;
    let last = attributes.iter().rposition(|attribute| is_another(model.kind, attribute.path()))?;
    let (before, after) = attributes.split_at(last + 1);
    let private = Private::of(model.args.root.value());
    let args = &model.args.tokens;
    let name = Ident::new(model.kind.name(), Span::call_site());
    Some(quote! { #(#before)* #[#private::stacked::#name(#args)] #(#after)* #rest })
}

fn split(input: ParseStream<'_>) -> Result<(Vec<Attribute>, TokenStream)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?))
}

/// Returns `true` if a path names another of our macros, unqualified or qualified by a crate. One with the same
/// name as this macro more likely belongs to another crate.
fn is_another(kind: Kind, path: &Path) -> bool {
    let Some(last) = path.segments.last() else { return false };
    let named = Kind::ALL.into_iter().find(|known| last.ident == known.name());
    path.segments.len() <= 2 && named.is_some_and(|named| named != kind)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::is_another;
    use crate::keyword::Kind;

    #[test]
    fn second_macro_is_recognised_alone_or_qualified() {
        assert!(is_another(Kind::Session, &parse_quote!(agent)));
        assert!(is_another(Kind::Session, &parse_quote!(agentops::tool)));
        assert!(!is_another(Kind::Session, &parse_quote!(inline)));
        assert!(!is_another(Kind::Tool, &parse_quote!(rmcp::tool)));
    }

    #[test]
    fn stacked_attribute_stays_behind() {
        assert!(!is_another(Kind::Session, &parse_quote!(::agentops::__private::stacked::agent)));
    }
}
