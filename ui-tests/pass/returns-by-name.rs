#![deny(warnings, clippy::pedantic)]
#![deny(missing_debug_implementations, single_use_lifetimes, unused_qualifications, unused_results)]

use std::{
    error::Error,
    fmt::Debug,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use agentops::llm;
use async_trait::async_trait;
use futures_util::{Stream, StreamExt, stream::iter};

type Tokens<'a, T = char> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;
type Local<'a, T> = Pin<Box<dyn Stream<Item = T> + 'a>>;
type Fallible<T, E = Box<dyn Error + Send + Sync>> = Result<T, E>;
type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[llm]
fn borrowed<'a>(text: &'a str, _unused: String) -> Tokens<'a> {
    Box::pin(iter(text.chars()))
}

#[llm]
fn of_borrowed<'a>(words: &'a [&'a str]) -> Fallible<Tokens<'a, &'a str>> {
    Ok(Box::pin(iter(words).map(|word| *word)))
}

#[llm]
fn generic<'a, T: Clone + Debug + 'a>(items: &'a [T]) -> Local<'a, T> {
    Box::pin(iter(items.iter().cloned()))
}

#[llm]
fn later(text: &str) -> Later<'_, Fallible<usize>> {
    Box::pin(async move { Ok(text.len()) })
}

/// Neither `Debug` nor `Serialize`, nor anything else.
#[allow(missing_debug_implementations)]
pub struct Answer<T>(T);

impl<T: Send> Answer<T> {
    #[llm]
    async fn itself(self) -> Self {
        self
    }

    #[llm]
    fn reference(&self) -> &T {
        &self.0
    }
}

#[llm]
fn any<T: Stream + Unpin>(stream: T) -> T {
    stream
}

#[llm]
fn many<I: Iterator>(mut items: I) -> Option<I::Item> {
    items.next()
}

#[async_trait]
trait Model: Sync {
    type Piece: Send;

    async fn chat(&self, prompt: &str) -> Fallible<Tokens<'static, Self::Piece>>;

    async fn say(&self, piece: Self::Piece) -> Self::Piece;
}

struct Echo;

#[llm(model = "echo")]
#[async_trait]
impl Model for Echo {
    type Piece = String;

    async fn chat(&self, prompt: &str) -> Fallible<Tokens<'static, Self::Piece>> {
        Ok(iter([prompt.to_owned()]).boxed())
    }

    async fn say(&self, piece: Self::Piece) -> Self::Piece {
        piece
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
    assert_eq!(ready(is_send(borrowed("abc", String::new())).count()), 3);
    assert_eq!(ready(of_borrowed(&["a", "b"]).unwrap().collect::<Vec<_>>()), ["a", "b"]);
    assert_eq!(ready(generic(&[1, 2]).collect::<Vec<_>>()), [1, 2]);
    assert_eq!(ready(is_send(later("abc"))).unwrap(), 3);
    assert_eq!(ready(is_send(Answer(7).itself())).reference(), &7);
    assert_eq!(ready(any(iter(0..3)).count()), 3);
    assert_eq!(many(0..3), Some(0));
    assert_eq!(ready(ready(Echo.chat("hi")).unwrap().collect::<Vec<_>>()), ["hi"]);
    assert_eq!(ready(Echo.say("hi".to_owned())), "hi");
}
