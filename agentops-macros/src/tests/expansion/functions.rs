//! Expansion of functions: how the body runs.

use quote::quote;

use crate::{annotate, keyword::Kind, tests::spaced};

#[test]
fn function_body_runs_in_a_closure() {
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
fn async_method_body_runs_in_an_async_block() {
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
fn body_without_arguments_is_spliced_in() {
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
fn tracked_function_calls_its_body() {
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
fn tracked_method_body_stands_beside_it() {
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
fn opaque_return_type_is_written_once() {
    let item = quote! { fn pages(count: u8) -> Result<impl Iterator, E> { body } };
    let expanded = spaced(&annotate(Kind::Tool, &quote!(skip_all), item));
    assert_eq!(expanded.matches("impl").count(), 1);
    assert!(expanded.contains("move || -> Result < _ , E > {"), "{expanded}");
}

#[test]
fn named_return_type_is_left_to_the_compiler() {
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
