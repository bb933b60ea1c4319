#![deny(warnings)]
#![no_implicit_prelude]

#[::agentops::session(session_id = "s", user_id = ::core::option::Option::Some("u"))]
fn run(number: i32) -> i32 {
    match search(&number, ()) {
        ::core::result::Result::Ok(found) => found + number,
        ::core::result::Result::Err(()) => 0,
    }
}

#[::agentops::tool(fields(number, text = %number, debug = ?number), err = Debug)]
fn search(number: &i32, (): ()) -> ::core::result::Result<i32, ()> {
    ::core::result::Result::Ok(*number)
}

#[::agentops::agent(role = "planner", id = number, tags("a"))]
async fn plan(number: i32, mut steps: ::std::vec::Vec<i32>) -> ::std::vec::Vec<i32> {
    steps.push(number);
    steps
}

#[::agentops::llm(model = "m")]
fn unit() {}

fn told(_: &i32) -> ::agentops::LlmResponse {
    ::agentops::LlmResponse::new()
}

fn mask(_: &i32) -> i32 {
    0
}

#[::agentops::llm(response = told, redact(number = mask, other))]
fn redacted(number: i32, other: i32) -> ::core::result::Result<i32, ()> {
    ::core::result::Result::Ok(number + other)
}

#[::agentops::tool(fields(api_key = password, ?password))]
fn secretive(token: i32, password: i32) -> i32 {
    token + password
}

#[::agentops::session(metadata(a = 1, secret = 2), budget(tokens = 1, usd = 1, seconds = 1, policy = Cancel))]
async fn limited() -> ::core::result::Result<(), ::agentops::BudgetExceeded> {
    ::core::result::Result::Ok(())
}

#[::agentops::agent(role = "r")]
struct Named(#[agentops(name)] i32);

#[::agentops::agent]
impl Named {
    pub fn run(&self) {}
}

#[::agentops::tool]
fn later<'a>(
    number: &'a i32,
) -> ::core::result::Result<
    ::core::pin::Pin<
        ::std::boxed::Box<dyn ::core::future::Future<Output = ::core::option::Option<i32>> + 'a>,
    >,
    (),
> {
    ::core::result::Result::Ok(::std::boxed::Box::pin(async move {
        ::core::option::Option::Some(*number)
    }))
}

#[::agentops::tool]
async fn items(
    number: i32,
) -> ::core::option::Option<impl ::futures_util::Stream<Item = i32>> {
    ::core::option::Option::Some(::futures_util::stream::iter([number]))
}

struct Web;

#[::agentops::agent]
impl Web {
    pub fn open(&self) {}
}

fn main() {
    ::core::mem::drop(later(&1));
    ::core::mem::drop(items(1));
    Web.open();
    Named(1).run();
    ::core::assert_eq!(redacted(1, 2), ::core::result::Result::Ok(3));
    ::core::assert_eq!(secretive(1, 2), 3);
    ::core::mem::drop(limited());
    ::core::assert_eq!(run(1), 2);
    ::core::mem::drop(plan(1, ::std::vec![]));
    unit();
}
