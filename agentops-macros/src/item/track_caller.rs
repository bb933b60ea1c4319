//! Functions with `#[track_caller]`, which receive the location of their caller; closures inside them do not.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Meta, parse_quote};

use super::{Function, function::LINTS};
use crate::cfg_attr::conditional;

const TRACK_CALLER: &str = "track_caller";

/// Position of the function that contains the body of such a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// Inside the function.
    Nested,
    /// Beside the method, since a nested function cannot use the method's `Self`.
    Beside,
}

impl Function {
    /// Returns the attribute if the compiler applies it, which it does not on an `async fn`.
    pub(crate) fn track_caller(&self) -> Option<&Attribute> {
        track_caller(&self.attributes).filter(|_| self.signature.asyncness.is_none())
    }

    /// Returns the position of the function that contains the body.
    pub(crate) fn home(&self) -> Home {
        let is_method = self.signature.receiver().is_some()
            || names_self(self.signature.to_token_stream())
            || names_self(self.body.statements.clone());
        if is_method { Home::Beside } else { Home::Nested }
    }

    /// Returns the attributes that apply to the body, wherever it is placed.
    pub(crate) fn attributes_of_body(&self) -> Vec<Attribute> {
        self.attributes.iter().filter_map(of_body).collect()
    }
}

/// Returns the `#[track_caller]` attribute, including one inside `#[cfg_attr(…)]`.
pub(crate) fn track_caller(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| match conditional(&attribute.meta) {
        Some((_, metas)) => metas.iter().any(|meta| meta.path().is_ident(TRACK_CALLER)),
        None => attribute.path().is_ident(TRACK_CALLER),
    })
}

fn of_body(attribute: &Attribute) -> Option<Attribute> {
    let Some((condition, metas)) = conditional(&attribute.meta) else {
        return belongs_to_body(&attribute.meta).then(|| attribute.clone());
    };
    let metas: Vec<_> = metas.into_iter().filter(belongs_to_body).collect();
    (!metas.is_empty()).then(|| parse_quote! { #[cfg_attr(#condition, #(#metas),*)] })
}

fn belongs_to_body(meta: &Meta) -> bool {
    let words = [TRACK_CALLER, "target_feature"];
    words.iter().chain(&LINTS).any(|word| meta.path().is_ident(word))
}

/// Returns `true` if the tokens use the `Self` of the function, ignoring items that have their own.
fn names_self(tokens: TokenStream) -> bool {
    let mut in_item = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            let is_item =
                ["impl", "trait", "struct", "enum", "union"].iter().any(|noun| word == noun);
            in_item |= is_item;
            word == "Self"
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && in_item => {
            in_item = false;
            false
        }
        TokenTree::Group(group) => names_self(group.stream()),
        TokenTree::Punct(punct) => {
            in_item &= punct.as_char() != ';';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};
    use syn::{Attribute, parse_quote};

    use super::{names_self, of_body, track_caller};

    #[test]
    fn track_caller_is_recognised_alone_and_conditional() {
        let tracks = |attribute: Attribute| track_caller(&[attribute]).is_some();
        assert!(tracks(parse_quote!(#[track_caller])));
        assert!(tracks(parse_quote!(#[cfg_attr(all(), inline, track_caller)])));
        assert!(!tracks(parse_quote!(#[cfg_attr(track_caller, inline)])));
        assert!(!tracks(parse_quote!(#[inline])));
    }

    #[test]
    fn attributes_of_the_body_move_with_it() {
        let kept = |attribute: Attribute| {
            of_body(&attribute).map(|moved| moved.to_token_stream().to_string())
        };
        let text = |tokens: proc_macro2::TokenStream| Some(tokens.to_string());
        assert_eq!(kept(parse_quote!(#[expect(dead_code)])), text(quote!(#[expect(dead_code)])));
        assert_eq!(
            kept(parse_quote!(#[cfg_attr(a, must_use, allow(b), agentops::tool, track_caller)])),
            text(quote!(#[cfg_attr(a, allow(b), track_caller)]))
        );
        assert_eq!(kept(parse_quote!(#[must_use])), None);
        assert_eq!(kept(parse_quote!(#[cfg_attr(a, agentops::tool)])), None);
    }

    #[test]
    fn self_of_a_nested_item_is_ignored() {
        assert!(names_self(quote!(let a = Self::new();)));
        assert!(names_self(quote!(f(|| { Self::A }))));
        assert!(names_self(quote!(struct A;, Self::A)));
        assert!(!names_self(quote!(impl A for B { fn new() -> Self { Self } } f(self))));
        assert!(!names_self(quote!(
            struct A {
                next: Box<Self>,
            },
            f()
        )));
        assert!(names_self(quote!(impl A for B { fn new() {} } { Self::C })));
    }
}
