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
    ::core::assert_eq!(run(1), 2);
    ::core::mem::drop(plan(1, ::std::vec![]));
    unit();
}
