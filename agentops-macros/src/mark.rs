//! Our own attributes, as they stand on something that another of them sees.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::{Attribute, Error, Meta, Path, Token, parse::Parser, punctuated::Punctuated};

use crate::keyword::{self, Kind};

/// What an attribute is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// One of the macros.
    Kind(Kind),
    /// `#[agentops(skip)]` or `#[agentops::skip]`
    Skip,
    /// `#[agentops(…)]` that says something else.
    Unknown,
}

impl Mark {
    /// Reads an attribute as the user writes it; `root` is the path given as `crate = …`.
    pub(crate) fn of(attribute: &Attribute, root: Option<&Path>) -> Option<Self> {
        let path = attribute.path();
        if is_helper(path) {
            return Some(if says_skip(&attribute.meta) { Self::Skip } else { Self::Unknown });
        }
        if path.is_ident("cfg_attr") {
            return conditional(&attribute.meta, root);
        }
        named(path, root)
    }
}

/// One of the macros, alone or behind our crate: another crate may have a macro of the same name.
fn named(path: &Path, root: Option<&Path>) -> Option<Mark> {
    let words: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let ours = |word: &String| {
        let root = root.and_then(|root| root.segments.last());
        word == keyword::AGENTOPS || root.is_some_and(|root| root.ident == word)
    };
    let (word, qualified) = match words.as_slice() {
        [word] => (word, false),
        [before @ .., owner, word] if before.is_empty() && ours(owner) => (word, true),
        _ => return None,
    };
    match Kind::ALL.into_iter().find(|kind| word == kind.name()) {
        Some(kind) => Some(Mark::Kind(kind)),
        None => (qualified && word == keyword::SKIP).then_some(Mark::Skip),
    }
}

/// One of the macros behind a condition, whether or not it holds: nobody knows here.
fn conditional(meta: &Meta, root: Option<&Path>) -> Option<Mark> {
    let Meta::List(list) = meta else { return None };
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let metas = parser.parse2(list.tokens.clone()).ok()?;
    metas.iter().skip(1).find_map(|meta| match named(meta.path(), root) {
        Some(Mark::Kind(kind)) => Some(Mark::Kind(kind)),
        _ => None,
    })
}

fn is_helper(path: &Path) -> bool {
    path.is_ident(keyword::AGENTOPS)
}

fn says_skip(meta: &Meta) -> bool {
    matches!(meta, Meta::List(list) if list.tokens.to_string() == keyword::SKIP)
}

/// What `#[agentops::skip]` says where no annotated impl block takes it away.
pub(crate) fn misplaced_skip() -> Error {
    let remedy = "remove it or annotate the impl block";
    let message = format!("`skip` leaves a method out of an annotated impl block; {remedy}");
    Error::new(Span::call_site(), message)
}

/// An item without the marks that only an annotated impl block or struct understands.
pub(crate) fn strip(item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let reach = reach(&tokens);
    let last = tokens.len().saturating_sub(1);
    let stripped = tokens.into_iter().enumerate().map(|(place, token)| match token {
        TokenTree::Group(group) if reach.covers(place == last, group.delimiter()) => {
            let mut stripped = Group::new(group.delimiter(), strip_here(group.stream()));
            stripped.set_span(group.span());
            TokenTree::Group(stripped)
        }
        token => token,
    });
    strip_here(stripped.collect())
}

/// Which groups of an item hold something that we may have been told of.
#[derive(Clone, Copy)]
enum Reach {
    Nothing,
    /// The members of an impl block.
    Body,
    /// The fields of a struct.
    Fields,
}

impl Reach {
    fn covers(self, is_last: bool, delimiter: Delimiter) -> bool {
        match self {
            Self::Nothing => false,
            Self::Body => is_last && delimiter == Delimiter::Brace,
            Self::Fields => matches!(delimiter, Delimiter::Brace | Delimiter::Parenthesis),
        }
    }
}

fn reach(tokens: &[TokenTree]) -> Reach {
    let words = tokens.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let telling = |word: String| match word.as_str() {
        "fn" => Some(Reach::Nothing),
        "impl" => Some(Reach::Body),
        "struct" => Some(Reach::Fields),
        _ => None,
    };
    words.into_iter().find_map(telling).unwrap_or(Reach::Nothing)
}

fn strip_here(tokens: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_pound = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_pound && tokens.peek().is_some_and(is_skip) {
            tokens.next();
        } else {
            kept.extend([token]);
        }
    }
    kept
}

fn is_skip(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let Ok(meta) = syn::parse2::<Meta>(group.stream()) else { return false };
    group.delimiter() == Delimiter::Bracket
        && (is_helper(meta.path()) || named(meta.path(), None) == Some(Mark::Skip))
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::{Attribute, parse_quote};

    use super::{Mark, strip};
    use crate::keyword::Kind;

    fn mark(attribute: &Attribute) -> Option<Mark> {
        Mark::of(attribute, Some(&parse_quote!(crate::telemetry)))
    }

    #[test]
    fn our_macros_are_known_alone_or_behind_our_crate() {
        let tool = Some(Mark::Kind(Kind::Tool));
        assert_eq!(mark(&parse_quote!(#[tool])), tool);
        assert_eq!(mark(&parse_quote!(#[agentops::tool(name = "a")])), tool);
        assert_eq!(mark(&parse_quote!(#[::telemetry::tool])), tool);
        assert_eq!(mark(&parse_quote!(#[cfg_attr(a, inline, tool(name = "a"))])), tool);
        assert_eq!(mark(&parse_quote!(#[rmcp::tool])), None);
        assert_eq!(mark(&parse_quote!(#[inline])), None);
    }

    #[test]
    fn a_mark_that_leaves_a_method_out_has_two_spellings() {
        assert_eq!(mark(&parse_quote!(#[agentops(skip)])), Some(Mark::Skip));
        assert_eq!(mark(&parse_quote!(#[agentops::skip])), Some(Mark::Skip));
        assert_eq!(mark(&parse_quote!(#[agentops(skp)])), Some(Mark::Unknown));
        assert_eq!(mark(&parse_quote!(#[agentops])), Some(Mark::Unknown));
        assert_eq!(mark(&parse_quote!(#[skip])), None);
    }

    #[test]
    fn marks_are_stripped_from_an_item_and_the_members_of_a_block_but_not_from_bodies() {
        let block = quote! {
            #[inline] impl A { #[agentops(skip)] fn a(&self) { #[agentops::skip] b } }
        };
        let stripped = quote! { #[inline] impl A { fn a(&self) { #[agentops::skip] b } } };
        assert_eq!(strip(block).to_string(), stripped.to_string());
        let function = quote! { #[agentops::skip] fn a() -> impl B { #[agentops(skip)] b } };
        let stripped = quote! { fn a() -> impl B { #[agentops(skip)] b } };
        assert_eq!(strip(function).to_string(), stripped.to_string());
    }
}
