#![deny(warnings)]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use agentops::{agent, session, tool};

#[agent(fields(goal))]
#[session(user_id = goal)]
fn run(mut goal: String, _: u8, (a, mut b): (u8, u8)) -> String {
    b += a;
    goal.push_str(&b.to_string());
    goal
}

#[agent]
#[session]
async fn run_later(mut goal: String, _: u8) -> String {
    goal.push('!');
    goal
}

#[session]
fn outer() -> usize {
    #[tool]
    fn inner(query: &str) -> usize {
        query.len()
    }
    inner("rust")
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    assert_eq!(run("a".to_owned(), 1, (1, 2)), "a3");
    assert_eq!(ready(run_later("a".to_owned(), 1)), "a!");
    assert_eq!(outer(), 4);
}
