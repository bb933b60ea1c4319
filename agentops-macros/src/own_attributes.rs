//! Recognises our own attributes on items that another of our macros expands.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Error, Meta, Path, parse::Parser};

use crate::{
    cfg_attr::conditional,
    keyword::{self, Kind},
};

/// Meaning of an attribute for the macros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// One of the macros.
    Kind(Kind),
    /// `#[agentops(skip)]` or `#[agentops::skip]`.
    Skip,
    /// A skip inside `#[cfg_attr(…)]`; see [`SkipIf`].
    SkipIf,
    /// `#[agentops(…)]` with other content.
    Unknown,
}

impl Mark {
    /// Classifies an attribute as the user writes it; `root` is the path given as `crate = …`.
    pub(crate) fn of(attribute: &Attribute, root: Option<&Path>) -> Option<Self> {
        let Some((_, metas)) = conditional(&attribute.meta) else {
            return classify(&attribute.meta, root);
        };
        metas.iter().find_map(|meta| match classify(meta, root) {
            Some(Mark::Skip) => Some(Mark::SkipIf),
            mark => mark,
        })
    }
}

/// Classifies an attribute without a condition.
fn classify(meta: &Meta, root: Option<&Path>) -> Option<Mark> {
    if is_helper(meta.path()) {
        return Some(if is_skip(meta) { Mark::Skip } else { Mark::Unknown });
    }
    named(meta.path(), root)
}

/// Returns `true` if an attribute on an impl block is another of our macros, which will also read the helper
/// attributes of the members.
pub(crate) fn is_ours(attribute: &Attribute, root: Option<&Path>) -> bool {
    let segments = &attribute.path().segments;
    let is_stacked = segments.len() > 2 && segments[segments.len() - 2].ident == "stacked";
    is_stacked || matches!(Mark::of(attribute, root), Some(Mark::Kind(_)))
}

/// Recognises one of the macros, unqualified or qualified by our crate. Other crates may have macros of the same
/// name.
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

/// `#[cfg_attr(condition, …)]` that skips a method if the condition holds.
pub(crate) struct SkipIf {
    pub(crate) condition: Meta,
    /// Other attributes under the same condition.
    pub(crate) rest: Option<TokenStream>,
}

impl SkipIf {
    /// Parses an attribute that is [`Mark::SkipIf`].
    pub(crate) fn of(attribute: &Attribute, root: Option<&Path>) -> Option<Self> {
        if Mark::of(attribute, root) != Some(Mark::SkipIf) {
            return None;
        }
        let (condition, metas) = conditional(&attribute.meta)?;
        let rest: Vec<_> =
            metas.into_iter().filter(|meta| classify(meta, root) != Some(Mark::Skip)).collect();
        let rest = (!rest.is_empty()).then(|| quote! { #[cfg_attr(#condition, #(#rest),*)] });
        Some(Self { condition, rest })
    }
}

/// Returns `true` for the path of `#[agentops(…)]`.
pub(crate) fn is_helper(path: &Path) -> bool {
    path.is_ident(keyword::AGENTOPS)
}

fn is_skip(meta: &Meta) -> bool {
    matches!(meta, Meta::List(list) if list.tokens.to_string() == keyword::SKIP)
}

/// Returns the error of `#[agentops::skip]` outside an annotated impl block.
pub(crate) fn misplaced_skip() -> Error {
    let remedy = "remove it or annotate the impl block";
    let message = format!("`skip` leaves a method out of an annotated impl block; {remedy}");
    Error::new(Span::call_site(), message)
}

/// Removes the helper attributes that only an annotated impl block or struct understands.
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

/// Groups of an item that may contain helper attributes.
#[derive(Clone, Copy)]
enum Reach {
    Nothing,
    /// Members of an impl block.
    Body,
    /// Fields of a struct.
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
        match tokens.peek().filter(|_| is_pound).and_then(without_skip) {
            Some(rest) => {
                tokens.next();
                kept.extend(rest);
            }
            None => kept.extend([token]),
        }
    }
    kept
}

/// Returns the remainder of an attribute if it is a helper attribute, otherwise `None`.
fn without_skip(brackets: &TokenTree) -> Option<TokenStream> {
    let attribute = Attribute::parse_outer.parse2(quote! { # #brackets }).ok()?.pop()?;
    match Mark::of(&attribute, None)? {
        Mark::Skip => Some(TokenStream::new()),
        Mark::SkipIf => Some(SkipIf::of(&attribute, None)?.rest.unwrap_or_default()),
        Mark::Unknown if is_helper(attribute.path()) => Some(TokenStream::new()),
        Mark::Unknown | Mark::Kind(_) => None,
    }
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
    fn macros_are_recognised_alone_or_qualified() {
        let tool = Some(Mark::Kind(Kind::Tool));
        assert_eq!(mark(&parse_quote!(#[tool])), tool);
        assert_eq!(mark(&parse_quote!(#[agentops::tool(name = "a")])), tool);
        assert_eq!(mark(&parse_quote!(#[::telemetry::tool])), tool);
        assert_eq!(mark(&parse_quote!(#[cfg_attr(a, inline, tool(name = "a"))])), tool);
        assert_eq!(mark(&parse_quote!(#[rmcp::tool])), None);
        assert_eq!(mark(&parse_quote!(#[inline])), None);
    }

    #[test]
    fn skip_mark_has_two_spellings() {
        assert_eq!(mark(&parse_quote!(#[agentops(skip)])), Some(Mark::Skip));
        assert_eq!(mark(&parse_quote!(#[agentops::skip])), Some(Mark::Skip));
        assert_eq!(mark(&parse_quote!(#[agentops(skp)])), Some(Mark::Unknown));
        assert_eq!(mark(&parse_quote!(#[agentops])), Some(Mark::Unknown));
        assert_eq!(mark(&parse_quote!(#[skip])), None);
        assert_eq!(mark(&parse_quote!(#[cfg_attr(a, agentops::skip)])), Some(Mark::SkipIf));
        assert_eq!(mark(&parse_quote!(#[cfg_attr(a, inline, agentops(skip))])), Some(Mark::SkipIf));
        assert_eq!(mark(&parse_quote!(#[cfg_attr(a, agentops(skp))])), Some(Mark::Unknown));
        assert_eq!(mark(&parse_quote!(#[cfg_attr(agentops, inline)])), None);
    }

    #[test]
    fn conditional_mark_keeps_the_other_attributes() {
        let block = quote! {
            impl A {
                #[cfg_attr(a, agentops::skip)] fn a(&self) {}
                #[cfg_attr(all(a, b), inline, agentops(skip), must_use)] fn b(&self) {}
                #[cfg_attr(a, inline)] fn c(&self) {}
            }
        };
        let stripped = quote! {
            impl A {
                fn a(&self) {}
                #[cfg_attr(all(a, b), inline, must_use)] fn b(&self) {}
                #[cfg_attr(a, inline)] fn c(&self) {}
            }
        };
        assert_eq!(strip(block).to_string(), stripped.to_string());
    }

    #[test]
    fn marks_are_stripped_from_items_but_not_bodies() {
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
