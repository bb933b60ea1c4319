#![deny(warnings)]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use agentops::{agent, tool};

#[tool]
async fn nothing() {}

#[tool]
async fn search(query: &str, mut limit: usize) -> Result<usize, String> {
    limit += 1;
    if limit > 9 {
        return Err("too many".into());
    }
    let found: usize = query.parse().map_err(|_| "no number")?;
    Ok(found + limit)
}

struct Planner {
    done: Vec<String>,
}

impl Planner {
    #[agent]
    async fn plan(&mut self, goal: String) -> &mut String {
        nothing().await;
        self.done.push(goal);
        &mut self.done[0]
    }

    #[agent]
    async fn finish(mut self, last: String) -> Vec<String> {
        self.done.push(last);
        self.done
    }
}

#[tool]
async fn opaque(count: u8) -> impl Iterator<Item = u8> {
    0..count
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    assert_eq!(ready(search("1", 1)), Ok(3));
    assert_eq!(ready(search("1", 9)), Err("too many".to_owned()));
    assert_eq!(ready(search("x", 1)), Err("no number".to_owned()));
    let mut planner = Planner { done: Vec::new() };
    ready(planner.plan("a".to_owned())).push('!');
    assert_eq!(ready(planner.finish("b".to_owned())), ["a!", "b"]);
    assert_eq!(ready(opaque(3)).sum::<u8>(), 3);
}
