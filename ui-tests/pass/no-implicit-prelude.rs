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

fn main() {
    ::core::assert_eq!(run(1), 2);
    ::core::mem::drop(plan(1, ::std::vec![]));
    unit();
}
