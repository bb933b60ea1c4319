#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, unused_macros)]

struct Option;
struct Result;
struct String;
struct Vec;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
struct str;
struct bool;
struct usize;
struct Level;
struct SpanKind;
struct Settings;
trait Debug {}
trait Display {}
trait Future {}
trait FnOnce {}
mod std {}
mod core {}
mod alloc {}
mod tracing {}
mod serde {}

fn drop() {}
fn run() {}

macro_rules! module_path {
    () => {};
}
macro_rules! concat {
    () => {};
}

#[agentops::tool(fields(size = 1, name = %"web", debug = ?number), cost = 0.5)]
fn search(number: i32, _: i32) -> i32 {
    number + 1
}

#[agentops::agent(id = "a")]
async fn plan(number: i32) -> ::core::result::Result<i32, i32> {
    ::core::result::Result::Ok(number)
}

#[agentops::tool]
fn later(
    number: i32,
) -> ::core::result::Result<impl ::core::future::Future<Output = i32>, ()> {
    ::core::result::Result::Ok(async move { number })
}

#[agentops::tool]
fn items(number: i32) -> impl ::futures_util::Stream<Item = i32> {
    ::futures_util::stream::iter([number])
}

fn told(_: &i32) -> ::agentops::LlmResponse {
    ::agentops::LlmResponse::new()
}

#[agentops::llm(response = told, redact(number = told))]
fn redacted(number: i32) -> i32 {
    number
}

#[agentops::session(metadata(a = 1), budget(tokens = 1, policy = Cancel))]
async fn limited() -> ::core::result::Result<(), ::agentops::BudgetExceeded> {
    ::core::result::Result::Ok(())
}

#[derive(agentops::Agent)]
#[agentops(role = "r")]
struct Named(#[agentops(id)] i32);

#[agentops::agent]
impl Named {
    pub fn run(&self) {}
}

fn main() {
    Named(1).run();
    ::core::assert_eq!(redacted(1), 1);
    ::core::mem::drop(limited());
    ::core::mem::drop(later(1));
    ::core::mem::drop(items(1));
    ::core::assert_eq!(search(1, 2), 2);
    ::core::mem::drop(plan(1));
}
