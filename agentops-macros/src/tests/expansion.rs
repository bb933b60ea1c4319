//! Tests of the complete expansion for the most common shapes.

use quote::quote;

use super::{annotate, spaced};
use crate::keyword::Kind;

#[test]
fn a_function_runs_its_body_in_a_closure() {
    let item = quote! {
        /// Searches.
        pub fn search(query: &str, mut limit: usize) -> Result<u8, E> { limit += 1; ask(query, limit) }
    };
    let expected = quote! {
        /// Searches.
        pub fn search(query: &str, limit: usize) -> Result<u8, E> {
            let mut __agentops_start = ::agentops::__private::admit! {
                kind: ::agentops::__private::SpanKind::Tool,
                name: "search",
                target: ::core::module_path!(),
                level: ::agentops::__private::Level::INFO,
                settings: ::agentops::__private::Settings::new().description("Searches."),
            };
            if __agentops_start.is_on() {
                __agentops_start.input(&[
                    ("query", ::agentops::__private::capture!(query)),
                    ("limit", ::agentops::__private::capture!(limit))
                ]);
            }
            ::agentops::__private::run(
                __agentops_start,
                move || -> Result<u8, E> {
                    #[allow(clippy::shadow_same)]
                    let query = query;
                    let _ = &query;
                    #[allow(clippy::shadow_same, clippy::collection_is_never_read)]
                    let mut limit = limit;
                    let _ = &limit;
                    let __agentops_result: Result<u8, E> = { let () = (); limit += 1; ask(query, limit) };
                    #[allow(unreachable_code, clippy::needless_return)]
                    return __agentops_result;
                },
                ::agentops::__private::outcome!(; tool)
            )
        }
    };
    assert_eq!(spaced(&annotate(Kind::Tool, &quote!(), item)), spaced(&expected));
}

#[test]
fn an_async_method_runs_its_body_in_an_async_block() {
    let args = quote! { name = "planner", id = self.id, skip(secret), err = Debug };
    let item =
        quote! { async fn plan(&self, _: u8, secret: String) -> Plan { self.think().await } };
    let expected = quote! {
        async fn plan(&self, __agentops_arg0: u8, secret: String) -> Plan {
            ::agentops::__private::record_by_type!(
                ::agentops::__private::Unstarted,
                async move {
                    let _ = &__agentops_arg0;
                    {
                        let mut __agentops_start = ::agentops::__private::admit! {
                            kind: ::agentops::__private::SpanKind::Agent,
                            name: "planner",
                            target: ::core::module_path!(),
                            level: ::agentops::__private::Level::INFO,
                            settings: ::agentops::__private::Settings::new(),
                        };
                        if __agentops_start.is_on() {
                            __agentops_start.agent(::agentops::__private::agent!(self), true);
                            __agentops_start.field(
                                ::agentops::__private::key::ID,
                                ::agentops::__private::field_value(&(self.id))
                            );
                        }
                        ::agentops::__private::hand_over(__agentops_start);
                    }
                    ::agentops::__private::begun().await;
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop,
                        clippy::infinite_loop,
                        clippy::let_unit_value,
                        clippy::needless_return,
                        clippy::unreachable,
                    )]
                    if false {
                        let __agentops_return: Plan = loop {};
                        return __agentops_return;
                    }
                    #[allow(clippy::shadow_same)]
                    let secret = secret;
                    let __agentops_result: Plan = { let () = (); self.think().await };
                    #[allow(unreachable_code, clippy::needless_return)]
                    return __agentops_result;
                },
                [],
                #[allow(clippy::result_large_err)]
                |__agentops_value, __agentops_call| -> Plan {
                    ::agentops::__private::hand_on!(
                        __agentops_value,
                        __agentops_call,
                        ::agentops::__private::outcome!(debug)
                    )
                }
            ).await
        }
    };
    assert_eq!(spaced(&annotate(Kind::Agent, &args, item)), spaced(&expected));
}

#[test]
fn a_name_that_is_an_expression_is_said_first_and_asked_for_what_it_uses() {
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
fn a_method_that_the_attribute_of_its_block_calls_is_left_out() {
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
fn what_is_named_like_a_credential_is_captured_as_one() {
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
fn without_arguments_the_body_is_spliced_in() {
    let args =
        quote! { kind = "warm up", capture_output = false, level = 2, crate = crate::telemetry };
    let item = quote! { fn warm() { first(); second() } };
    let expected = quote! {
        fn warm() {
            let __agentops_start = crate::telemetry::__private::admit! {
                kind: crate::telemetry::__private::SpanKind::Custom("warm up"),
                name: "warm",
                target: ::core::module_path!(),
                level: crate::telemetry::__private::Level::DEBUG,
                settings: crate::telemetry::__private::Settings::new().capture_output(false),
            };
            crate::telemetry::__private::run(
                __agentops_start,
                move || -> () { first(); second() },
                crate::telemetry::__private::outcome!()
            )
        }
    };
    assert_eq!(spaced(&annotate(Kind::Traced, &args, item)), spaced(&expected));
}

#[test]
fn a_function_that_tracks_its_caller_calls_its_body() {
    let item = quote! {
        #[track_caller]
        #[expect(dead_code)]
        fn search<'a, T, const N: usize>(query: &'a T, mut _limit: [u8; N], _: u8) -> Result<&'a T, E>
        where
            T: Ask
        {
            query.ask()
        }
    };
    let expected = quote! {
        #[track_caller]
        #[allow(dead_code)]
        fn search<'a, T, const N: usize>(query: &'a T, _limit: [u8; N], __agentops_arg2: u8) -> Result<&'a T, E>
        where
            T: Ask
        {
            #[doc(hidden)]
            #[allow(dead_code, clippy::too_many_arguments, clippy::type_complexity)]
            #[track_caller]
            #[expect(dead_code)]
            fn __agentops_task_search<'a, T, const N: usize>(query: &'a T, mut _limit: [u8; N], _: u8) -> Result<&'a T, E>
            where
                T: Ask
            {
                let _ = &query;
                query.ask()
            }
            let mut __agentops_start = ::agentops::__private::admit! {
                kind: ::agentops::__private::SpanKind::Task,
                name: "search",
                target: ::core::module_path!(),
                level: ::agentops::__private::Level::INFO,
                settings: ::agentops::__private::Settings::new(),
            };
            if __agentops_start.is_on() {
                __agentops_start.input(&[("query", ::agentops::__private::capture!(query))]);
            }
            let __agentops_running = ::agentops::__private::Running::new(__agentops_start);
            let __agentops_inside = __agentops_running.enter();
            #[allow(clippy::used_underscore_binding)]
            let __agentops_value = __agentops_task_search::<T, N>(query, _limit, __agentops_arg2);
            ::core::mem::drop(__agentops_inside);
            let __agentops_call = __agentops_running.into_call();
            let __agentops_result: Result<&'a T, E> =
                __agentops_call.value(__agentops_value, ::agentops::__private::outcome!(, result));
            #[allow(unreachable_code, clippy::needless_return)]
            return __agentops_result;
        }
    };
    let args = quote!(only(query));
    assert_eq!(spaced(&annotate(Kind::Task, &args, item)), spaced(&expected));
}

#[test]
fn the_body_of_a_method_that_tracks_its_caller_stands_beside_it() {
    for method in [
        quote! { #[track_caller] pub fn look(&mut self, n: u8) -> u8 { self.look_at(n) } },
        quote! { #[cfg_attr(a, must_use, track_caller)] fn look(n: u8) -> u8 { Self::look_at(n) } },
    ] {
        let expanded = spaced(&annotate(Kind::Tool, &quote!(), method));
        let (outer, beside) = expanded.rsplit_once("# [doc (hidden)]").unwrap();
        assert!(
            outer.contains("Self :: __agentops_tool_look_must_be_inherent_to_track_its_caller ("),
            "{outer}"
        );
        assert!(
            beside.contains("fn __agentops_tool_look_must_be_inherent_to_track_its_caller ("),
            "{beside}"
        );
        assert!(
            beside.contains("track_caller)]") || beside.contains("# [track_caller]"),
            "{beside}"
        );
        assert!(!beside.contains("must_use"), "{beside}");
    }
    let of_async = quote! { #[track_caller] async fn look(&self) {} };
    assert!(!spaced(&annotate(Kind::Tool, &quote!(), of_async)).contains("inherent"));
}

#[test]
fn an_opaque_return_type_is_written_once() {
    let item = quote! { fn pages(count: u8) -> Result<impl Iterator, E> { body } };
    let expanded = spaced(&annotate(Kind::Tool, &quote!(skip_all), item));
    assert_eq!(expanded.matches("impl").count(), 1);
    assert!(expanded.contains("move || -> Result < _ , E > {"), "{expanded}");
}

#[test]
fn a_condition_on_an_argument_stands_wherever_the_argument_does() {
    let item = quote! { fn search(#[cfg(a)] query: u8, #[cfg(b)] _: u8) {} };
    let expanded = spaced(&annotate(Kind::Tool, &quote!(), item));
    assert_eq!(expanded.matches("# [cfg (a)]").count(), 4);
    assert_eq!(expanded.matches("# [cfg (b)]").count(), 2);
}

#[test]
fn a_self_by_value_is_moved_as_a_whole() {
    for receiver in [quote!(self), quote!(mut self), quote!(self: Box<Self>)] {
        let expanded =
            annotate(Kind::Tool, &quote!(), quote! { fn take(#receiver) -> u8 { self.a } });
        assert!(spaced(&expanded).contains("let _ = & self ;"));
    }
    let expanded = annotate(Kind::Tool, &quote!(), quote! { fn look(&self) -> u8 { self.a } });
    assert!(!spaced(&expanded).contains("let _ = & self ;"));
}

#[test]
fn a_described_tool_is_not_described_by_its_docs() {
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
fn an_argument_of_which_nothing_is_said_is_as_unused_as_it_was() {
    let item = quote! { fn f(a: u8, b: u8, c: u8, d: u8) {} };
    let args = quote!(skip_all, fields(a = a + 1, text = format!("{c}")));
    let expanded = spaced(&annotate(Kind::Tool, &args, item));
    let used = ["a", "b", "c", "d"].map(|name| expanded.contains(&format!("let _ = & {name} ;")));
    assert_eq!(used, [true, false, true, false]);
}

#[test]
fn an_impl_block_hands_its_attribute_to_its_methods() {
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
fn a_method_that_is_left_out_under_a_condition_is_annotated_under_its_opposite() {
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
fn the_marks_of_a_block_stay_for_the_next_attribute_that_reads_them() {
    let marks = quote! { #[agentops(skip)] pub fn f(&self) {} #[cfg_attr(a, agentops::skip)] };
    let next = quote! { #[::agentops::__private::stacked::session()] };
    let item = quote! { #next impl A { #marks pub fn g(&self) {} } };
    let inner = quote! { #[cfg_attr(not(any(a)), ::agentops::__private::stacked::agent(__type_name = "A",))] };
    let expected = quote! { #next impl A { #marks #inner pub fn g(&self) {} } };
    assert_eq!(spaced(&annotate(Kind::Agent, &quote!(), item)), spaced(&expected));
}

#[test]
fn a_struct_says_who_the_agent_is() {
    let args = quote! { role = "research" };
    let item = quote! {
        /// Finds sources.
        #[agentops(description = self.text())]
        #[derive(Clone)]
        pub struct Researcher<'a, T = u8>(#[agentops(name)] &'a str, #[cfg(a)] #[agentops(id)] pub T) where T: Copy;
    };
    let expected = quote! {
        /// Finds sources.
        #[derive(Clone)]
        pub struct Researcher<'a, T = u8>(&'a str, #[cfg(a)] pub T) where T: Copy;
        #[automatically_derived]
        #[allow(deprecated)]
        impl<'a, T> ::agentops::__private::Identified for Researcher<'a, T>
        where T: Copy, T: ::agentops::__private::FieldValue
        {
            fn agent_identity(&self) -> ::agentops::__private::AgentIdentity {
                let __agentops_identity = ::agentops::__private::AgentIdentity::of("Researcher");
                let __agentops_identity = __agentops_identity.role(::agentops::__private::field_value(&("research")));
                let __agentops_identity = __agentops_identity.description(::agentops::__private::field_value(&(self.text())));
                let __agentops_identity = __agentops_identity.name(::agentops::__private::identity_part::<&'a str>(&self.0));
                #[cfg(a)]
                let __agentops_identity = __agentops_identity.id(::agentops::__private::identity_part::<T>(&self.1));
                __agentops_identity
            }
        }
    };
    assert_eq!(spaced(&annotate(Kind::Agent, &args, item)), spaced(&expected));
}

#[test]
fn two_attributes_on_a_block_come_in_the_order_in_which_they_are_read() {
    let item = quote! { #[agent(name = "a")] impl A { pub fn f(&self) {} } };
    let once = annotate(Kind::Session, &quote!(), item);
    assert!(spaced(&once).starts_with("# [agent (name = \"a\")] # [:: agentops"));
    let inner = quote! { #[::agentops::__private::stacked::agent()] };
    let block = quote! { impl A { #inner pub fn f(&self) {} } };
    let outer = quote! { #[::agentops::__private::stacked::session()] };
    let expected = quote! { impl A { #inner #outer pub fn f(&self) {} } };
    assert_eq!(spaced(&annotate(Kind::Session, &quote!(), block)), spaced(&expected));
}

#[test]
fn the_arguments_of_a_model_call_are_asked_whether_they_are_requests() {
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
fn a_call_that_returns_a_mere_name_leaves_it_to_the_compiler() {
    let expected = quote! {
        ::agentops::__private::record_by_type!(
            ::agentops::__private::Unstarted,
            async move {
                {
                    let __agentops_start = ::agentops::__private::admit! {
                        kind: ::agentops::__private::SpanKind::Llm,
                        name: "chat",
                        target: ::core::module_path!(),
                        level: ::agentops::__private::Level::INFO,
                        settings: ::agentops::__private::Settings::new(),
                    };
                    ::agentops::__private::hand_over(__agentops_start);
                }
                ::agentops::__private::begun().await;
                #[allow(
                    unreachable_code,
                    clippy::diverging_sub_expression,
                    clippy::empty_loop,
                    clippy::infinite_loop,
                    clippy::let_unit_value,
                    clippy::needless_return,
                    clippy::unreachable,
                )]
                if false {
                    let __agentops_return: Result<Chunks, E> = loop {};
                    return __agentops_return;
                }
                open().await
            },
            [ok],
            #[allow(clippy::result_large_err)]
            |__agentops_value, __agentops_call| -> Result<Chunks, E> {
                match __agentops_value {
                    ::core::result::Result::Ok(__agentops_value) => ::core::result::Result::Ok(
                        ::agentops::__private::hand_on!(
                            __agentops_value,
                            __agentops_call,
                            ::agentops::__private::outcome!(, result; auto)
                        )
                    ),
                    ::core::result::Result::Err(__agentops_error) => {
                        __agentops_call.end(::agentops::__private::failed!(&__agentops_error));
                        ::core::result::Result::Err(__agentops_error)
                    }
                }
            }
        ).await
    };
    let item = quote! { async fn chat() -> Result<Chunks, E> { open().await } };
    let expanded = spaced(&annotate(Kind::Llm, &quote!(), item.clone()));
    assert!(expanded.contains(&spaced(&expected)), "{expanded}");
    for args in [quote!(stream = false), quote!(future = false)] {
        let expanded = spaced(&annotate(Kind::Llm, &args, item.clone()));
        assert!(expanded.contains("run_async") && !expanded.contains("hand_on"), "{expanded}");
    }
}
