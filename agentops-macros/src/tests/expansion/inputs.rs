//! Expansion of arguments and options: what the span records.

use quote::quote;

use crate::{annotate, keyword::Kind, tests::spaced};

#[test]
fn name_expression_comes_first_and_uses_arguments() {
    let args = quote! { name = format!("{city} now") };
    let item = quote! { fn weather(city: &str) -> u8 { 1 } };
    let expanded = spaced(&annotate(Kind::Tool, &args, item));
    let expected = quote! {
        if __agentops_start.is_on() {
            __agentops_start.name(::agentops::__private::field_value(&(format!("{city} now"))));
            __agentops_start.input(&[("city", ::agentops::__private::capture!(city))]);
        }
    };
    assert!(expanded.contains("name : \"weather\""), "{expanded}");
    assert!(expanded.contains(&spaced(&expected)), "{expanded}");
    let unused = quote! { fn weather(city: &str) {} };
    let args = quote! { skip_all, name = format!("{city} now") };
    assert!(spaced(&annotate(Kind::Tool, &args, unused)).contains("let _ = & city ;"));
}

#[test]
fn credential_argument_is_captured_as_one() {
    let item =
        || quote! { fn login(user: &str, Json(Login { password }): Json<Login>, card: u8) {} };
    let entries = |args| {
        let expanded = spaced(&annotate(Kind::Tool, &args, item()));
        let (_, input) = expanded.split_once(". input (").unwrap();
        input.split_once(") ;").unwrap().0.to_owned()
    };
    let expected = quote! { &[
        ("user", ::agentops::__private::capture!(user)),
        ("password", ::agentops::__private::Captured::Credential(&::agentops::__private::capture!(password))),
        ("card", ::agentops::__private::capture!(card))
    ] };
    assert_eq!(entries(quote!()), spaced(&expected));
    let expected = quote! { &[
        ("user", ::agentops::__private::capture!(user)),
        ("password", ::agentops::__private::capture!(password)),
        ("card", ::agentops::__private::capture!(card))
    ] };
    assert_eq!(entries(quote!(redact = off)), spaced(&expected));
    assert!(entries(quote!(redact(password))).contains("Captured :: Redacted"));
    let masked = entries(quote!(redact(password = last)));
    assert!(masked.contains("masked ! (__agentops_masked_password)"), "{masked}");
    let fields = quote! { fields(api_key = k, n = k, "user.pin" = ?k) };
    let expanded = spaced(&annotate(Kind::Tool, &fields, quote! { fn f(k: u8) {} }));
    assert!(expanded.contains("__agentops_start . credential (\"api_key\" ,"), "{expanded}");
    assert!(expanded.contains("(\"user.pin\" , __agentops_start . debug (& (k)))"), "{expanded}");
    assert_eq!(expanded.matches("credential").count(), 2);
}

#[test]
fn description_option_replaces_the_docs() {
    let item = quote! {
        /// From the docs.
        fn search() {}
    };
    let by_docs = spaced(&annotate(Kind::Tool, &quote!(), item.clone()));
    let by_literal = spaced(&annotate(Kind::Tool, &quote!(description = "given"), item.clone()));
    let by_value = spaced(&annotate(Kind::Tool, &quote!(description = self.text), item.clone()));
    let not_at_all = spaced(&annotate(Kind::Task, &quote!(), item));
    assert!(by_docs.contains(". description (\"From the docs.\")"));
    assert!(
        by_literal.contains(". description (\"given\")") && !by_literal.contains("DESCRIPTION")
    );
    assert!(by_value.contains("key :: DESCRIPTION") && !by_value.contains(". description ("));
    assert!(!not_at_all.contains(". description ("));
}

#[test]
fn unused_argument_stays_unused() {
    let item = quote! { fn f(a: u8, b: u8, c: u8, d: u8) {} };
    let args = quote!(skip_all, fields(a = a + 1, text = format!("{c}")));
    let expanded = spaced(&annotate(Kind::Tool, &args, item));
    let used = ["a", "b", "c", "d"].map(|name| expanded.contains(&format!("let _ = & {name} ;")));
    assert_eq!(used, [true, false, true, false]);
}

#[test]
fn model_call_arguments_are_probed_as_requests() {
    let item = quote! { fn ask(request: Ask, key: &str, n: u8) -> String { it(request) } };
    let expected = quote! {
        if __agentops_start.is_on() {
            let __agentops_masked_n = if __agentops_start.captures_input() {
                ::agentops::__private::guarded(|| digits(&n))
            } else {
                ::core::option::Option::None
            };
            __agentops_start.request(&[
                ("request", ::agentops::__private::asked!(request)),
                ("key", ::agentops::__private::Asked::only(::agentops::__private::Captured::Redacted)),
                ("n", ::agentops::__private::Asked::only(::agentops::__private::masked!(__agentops_masked_n)))
            ]);
        }
    };
    let expanded = spaced(&annotate(Kind::Llm, &quote!(redact(key, n = digits)), item));
    assert!(expanded.contains(&spaced(&expected)), "{expanded}");
}

#[test]
fn condition_of_an_argument_is_repeated() {
    let item = quote! { fn search(#[cfg(a)] query: u8, #[cfg(b)] _: u8) {} };
    let expanded = spaced(&annotate(Kind::Tool, &quote!(), item));
    assert_eq!(expanded.matches("# [cfg (a)]").count(), 4);
    assert_eq!(expanded.matches("# [cfg (b)]").count(), 2);
}

#[test]
fn self_by_value_is_moved_whole() {
    for receiver in [quote!(self), quote!(mut self), quote!(self: Box<Self>)] {
        let expanded =
            annotate(Kind::Tool, &quote!(), quote! { fn take(#receiver) -> u8 { self.a } });
        assert!(spaced(&expanded).contains("let _ = & self ;"));
    }
    let expanded = annotate(Kind::Tool, &quote!(), quote! { fn look(&self) -> u8 { self.a } });
    assert!(!spaced(&expanded).contains("let _ = & self ;"));
}
