#![deny(warnings)]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use agentops::{agent, tool};

trait Search {
    fn name(&self) -> String;

    #[tool]
    fn describe(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.name())
    }

    #[tool]
    fn build() -> Self
    where
        Self: Sized + Default,
    {
        Self::default()
    }

    fn search(&self, query: &str) -> impl Future<Output = usize>;

    fn pages(&self) -> impl Iterator<Item = u8>;
}

#[derive(Default)]
struct Web(u8);

impl Search for Web {
    #[tool(name = "web")]
    fn name(&self) -> String {
        "web".to_owned()
    }

    #[agent]
    async fn search(&self, query: &str) -> usize {
        query.len()
    }

    #[tool]
    fn pages(&self) -> impl Iterator<Item = u8> {
        0..self.0
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    let web = Web::build();
    assert_eq!(web.describe("the "), "the web");
    assert_eq!(ready(web.search("rust")), 4);
    assert_eq!(Web(2).pages().count(), 2);
}
