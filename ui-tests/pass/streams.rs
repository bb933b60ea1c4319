#![deny(warnings)]

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use agentops::{llm, session, tool};
use async_trait::async_trait;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream, LocalBoxStream, iter},
};

#[tool]
fn opaque<'a, T: Clone + Send + Sync>(items: &'a [T]) -> impl Stream<Item = T> + Send + 'a {
    iter(items.iter().cloned())
}

#[tool]
fn inferred() -> impl Stream<Item = Result<u8, String>> + Unpin {
    stream::empty()
}

#[llm]
fn pinned(text: &str) -> Pin<Box<dyn Stream<Item = Result<char, ()>> + Send + '_>> {
    Box::pin(iter(text.chars()).map(Ok))
}

#[tool]
fn movable(n: u8) -> Box<dyn Stream<Item = u8> + Unpin> {
    Box::new(iter(0..n))
}

#[tool]
fn fallible(text: &str) -> Result<LocalBoxStream<'static, u8>, std::num::ParseIntError> {
    let n: u8 = text.parse()?;
    Ok(iter(0..n).boxed_local())
}

#[tool]
async fn later(n: u8) -> Result<impl Stream<Item = u8> + Send, String> {
    if n == 0 {
        return Err("none".to_owned());
    }
    Ok(iter(0..n))
}

#[session]
#[tool]
async fn plainly_later(mut n: u8) -> impl Stream<Item = u8> {
    n += 1;
    iter(0..n)
}

type Tokens<'a> = Pin<Box<dyn Stream<Item = char> + 'a>>;

#[tool(stream = true)]
fn renamed(text: &str) -> Tokens<'_> {
    Box::pin(iter(text.chars()))
}

struct BoxedStream(u8);

#[tool(stream = false)]
fn no_stream(n: u8) -> Result<BoxedStream, ()> {
    Ok(BoxedStream(n))
}

#[async_trait]
trait Model {
    async fn chat(&self, prompt: &str) -> Result<BoxStream<'static, String>, String>;
}

struct Local;

#[llm(model = "local")]
#[async_trait]
impl Model for Local {
    async fn chat(&self, prompt: &str) -> Result<BoxStream<'static, String>, String> {
        let answer = prompt.to_uppercase();
        Ok(stream::once(async move { answer }).boxed())
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    assert_eq!(ready(is_send(opaque(&[1, 2])).collect::<Vec<_>>()), [1, 2]);
    assert_eq!(ready(inferred().count()), 0);
    assert_eq!(ready(pinned("abc").count()) + ready(movable(2).count()), 5);
    assert!(fallible("x").is_err());
    assert_eq!(fallible("2").map(|it| ready(it.count())), Ok(2));
    assert_eq!(ready(is_send(later(0))).err().as_deref(), Some("none"));
    assert_eq!(ready(ready(later(3)).ok().unwrap().count()), 3);
    assert_eq!(ready(ready(plainly_later(3)).count()), 4);
    assert_eq!(ready(renamed("ab").count()), 2);
    assert!(no_stream(1).is_ok_and(|it| it.0 == 1));
    assert_eq!(ready(ready(Local.chat("a")).ok().unwrap().collect::<String>()), "A");
}
