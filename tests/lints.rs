//! Lints that speak of what a body does, and of nothing that the attributes add: clippy reads this file.
#![deny(
    clippy::pedantic,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::used_underscore_binding
)]

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use agentops::{agent, llm, session, task, tool};
use agentops_tests::Recording;
use futures_util::{Stream, StreamExt, stream};

#[tool]
fn plain(query: &str, mut more: Vec<String>, _kept: u8, _: u8) -> Vec<String> {
    more.push(query.to_owned());
    more
}

#[task(fields(sum = first + second), redact(token))]
async fn sums((first, mut second): (u8, u8), token: &str, _kept: u8) -> Result<u8, String> {
    second += first;
    if token.is_empty() {
        return Err(token.to_owned());
    }
    Ok(second)
}

#[llm(model = "m", fields(n = text.len()))]
fn ask(text: &str) -> String {
    text.trim().to_owned()
}

#[tool]
fn pages(count: u8) -> impl Stream<Item = u8> {
    stream::iter(0..count)
}

#[tool]
fn later(count: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move { count })
}

#[tool]
fn steps(count: u8) -> impl Iterator<Item = u8> {
    0..count
}

#[task]
#[track_caller]
fn tracked(query: &str, mut more: Vec<String>, _kept: u8, _: u8) -> usize {
    more.push(query.to_owned());
    more.len()
}

/// A body that shadows a name of its own, which is told as that.
#[task]
#[expect(clippy::shadow_reuse)]
fn shadowing(text: &str) -> usize {
    let text = text.trim();
    text.len()
}

struct Web(u8);

#[agent]
impl Web {
    pub fn find(&self, query: &str) -> usize {
        query.len() + usize::from(self.0)
    }

    #[track_caller]
    pub fn see(self, query: String) -> String {
        query + &self.0.to_string()
    }

    pub async fn look(&mut self, mut count: u8) -> u8 {
        count += 1;
        self.0 += count;
        self.0
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn annotated_functions_behave_without_lints() {
    #[session]
    fn all() {
        assert_eq!(plain("a", vec![], 1, 2), ["a"]);
        assert_eq!(ready(sums((1, 2), "t", 3)), Ok(3));
        assert_eq!(ask(" a "), "a");
        assert_eq!(ready(pages(2).collect::<Vec<_>>()), [0, 1]);
        assert_eq!(ready(later(3)), 3);
        assert_eq!(steps(2).count() + tracked("a", vec![], 1, 2) + shadowing(" a "), 4);
        let mut web = Web(1);
        assert_eq!(web.find("a") + usize::from(ready(web.look(1))), 5);
        assert_eq!(web.see(String::new()), "3");
    }
    let recording = Recording::global();
    all();
    assert_eq!(recording.trace_of("all").len(), 12);
}
