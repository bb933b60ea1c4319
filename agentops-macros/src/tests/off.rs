//! Tests of the feature `off`: the attributes check the item and leave it unchanged.

use quote::quote;

use super::{messages, spaced};
use crate::{annotate, identify, keyword::Kind};

#[test]
fn item_is_unchanged_when_off() {
    let args = quote! { name = "a", skip(query), fields(n = query.len()), redact(limit = mask), level = 3 };
    let item = quote! {
        /// Searches.
        #[inline]
        #[agentops::task(name = "b")]
        pub(crate) async unsafe extern "C" fn search<T>(&self, query: &str, mut limit: u8, _: T) -> impl B
        where T: A { #![allow(unused)] half. written #[agentops(skip)] }
    };
    assert_eq!(spaced(&annotate(Kind::Tool, &args, item.clone())), spaced(&item));
}

#[test]
fn marks_alone_are_removed_when_off() {
    let block = |skip| {
        quote! { impl A { #[tool(name = "a")] pub fn a(&self) {} #skip pub fn b(&self) {} } }
    };
    for (skip, rest) in [
        (quote! { #[agentops(skip)] }, quote!()),
        (quote! { #[cfg_attr(a, agentops::skip)] }, quote!()),
        (quote! { #[cfg_attr(a, inline, agentops::skip)] }, quote! { #[cfg_attr(a, inline)] }),
    ] {
        let expanded = annotate(Kind::Tool, &quote!(), block(skip));
        assert_eq!(spaced(&expanded), spaced(&block(rest)));
    }
    let item = quote! { #[agentops(name = "a")] struct A<T>(#[agentops(id)] #[serde(skip)] T); };
    let expected = quote! { struct A<T>(#[serde(skip)] T); };
    assert_eq!(spaced(&annotate(Kind::Agent, &quote!(), item.clone())), spaced(&expected));
    assert!(identify(item).is_empty());
}

#[test]
fn mistakes_are_told_all_the_same() {
    assert_eq!(
        messages(Kind::Tool, "nmae = 1, skip(b)", "const fn f(a: u8) {}"),
        [
            "unknown argument `nmae`; did you mean `name`?",
            "`#[tool]` cannot be used on a `const fn`; remove `const`",
            "`skip` names `b`, which is not an argument; the only one is `a`",
        ]
    );
}
