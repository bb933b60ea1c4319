//! Expansion of impl blocks.

use quote::quote;

use crate::{annotate, keyword::Kind, tests::spaced};

#[test]
fn method_called_by_its_block_is_skipped() {
    let item = || {
        quote! {
            impl Tool for Web {
                fn name(&self) -> String { self.name.clone() }
                fn call(&self) {}
            }
        }
    };
    let annotated = |args| {
        let expanded = spaced(&annotate(Kind::Tool, &args, item()));
        expanded.matches("stacked").count()
    };
    assert_eq!(annotated(quote!(name = self.name())), 1);
    assert_eq!(annotated(quote!(name = [Self::name(self)].concat())), 1);
    assert_eq!(annotated(quote!(description = self.name())), 1);
    assert_eq!(annotated(quote!(name = self.name)), 2);
    assert_eq!(annotated(quote!(name = name(self))), 2);
    assert_eq!(annotated(quote!(name = "name")), 2);
}

#[test]
fn impl_block_distributes_its_attribute() {
    let args = quote! { role = self.role, crate = ::a };
    let members = |attribute, skip| {
        quote! {
            #[async_trait]
            unsafe impl<'a, T: B<{ 1 }>> Web<'a, T> where T: C {
                #![allow(unused)]
                const A: [u8; { 1 }] = { [2] };
                type B = u8;
                a! { fn f(&self) {} }
                a::b!(fn f(&self) {});
                pub fn new() -> Self { Self }
                pub const fn size(&self) -> u8 { 1 }
                fn private(&self) {}
                #[inline]
                #attribute
                pub async fn search(&self, query: &str) -> [u8; { 1 }] { half. written }
                #[tool(name = "own")]
                fn own() {}
                #skip
                #[must_use]
                pub fn skipped(self: Rc<Self>) {}
            }
        }
    };
    let item = members(quote!(), quote! { #[agentops(skip)] });
    let attribute = quote! { #[::a::__private::stacked::agent(__type_name = "Web", role = self.role, crate = ::a)] };
    let expected = members(attribute, quote!());
    assert_eq!(spaced(&annotate(Kind::Agent, &args, item)), spaced(&expected));
}

#[test]
fn conditionally_skipped_method_is_annotated_otherwise() {
    let item = quote! {
        impl A {
            #[cfg_attr(a, agentops::skip)] #[cfg_attr(all(b, c), inline, agentops(skip))] pub fn f(&self) {}
            #[cfg_attr(a, inline)] pub fn g(&self) {}
        }
    };
    let expected = quote! {
        impl A {
            #[cfg_attr(all(b, c), inline)]
            #[cfg_attr(not(any(a, all(b, c))), ::agentops::__private::stacked::tool())]
            pub fn f(&self) {}
            #[cfg_attr(a, inline)] #[::agentops::__private::stacked::tool()] pub fn g(&self) {}
        }
    };
    assert_eq!(spaced(&annotate(Kind::Tool, &quote!(), item)), spaced(&expected));
}

#[test]
fn marks_stay_for_the_next_attribute() {
    let marks = quote! { #[agentops(skip)] pub fn f(&self) {} #[cfg_attr(a, agentops::skip)] };
    let next = quote! { #[::agentops::__private::stacked::session()] };
    let item = quote! { #next impl A { #marks pub fn g(&self) {} } };
    let inner = quote! { #[cfg_attr(not(any(a)), ::agentops::__private::stacked::agent(__type_name = "A",))] };
    let expected = quote! { #next impl A { #marks #inner pub fn g(&self) {} } };
    assert_eq!(spaced(&annotate(Kind::Agent, &quote!(), item)), spaced(&expected));
}

#[test]
fn block_attributes_keep_their_order() {
    let item = quote! { #[agent(name = "a")] impl A { pub fn f(&self) {} } };
    let once = annotate(Kind::Session, &quote!(), item);
    assert!(spaced(&once).starts_with("# [agent (name = \"a\")] # [:: agentops"));
    let inner = quote! { #[::agentops::__private::stacked::agent()] };
    let block = quote! { impl A { #inner pub fn f(&self) {} } };
    let outer = quote! { #[::agentops::__private::stacked::session()] };
    let expected = quote! { impl A { #inner #outer pub fn f(&self) {} } };
    assert_eq!(spaced(&annotate(Kind::Session, &quote!(), block)), spaced(&expected));
}
