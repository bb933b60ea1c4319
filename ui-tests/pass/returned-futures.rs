#![deny(warnings)]

use std::{
    future::{pending, ready as immediately},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use agentops::{agent, session, tool};
use async_trait::async_trait;
use futures_util::future::{BoxFuture, LocalBoxFuture};

#[tool]
fn opaque(text: &str, mut limit: usize) -> impl Future<Output = String> + Send + use<> {
    limit += 1;
    let text = text.to_owned();
    async move { text[..limit].to_owned() }
}

#[tool]
fn borrowing<'a>(text: &'a str, _: u8) -> impl Future<Output = &'a str> + Send {
    async move { &text[1..] }
}

#[tool]
fn inferred() -> impl Future<Output = Result<u8, String>> + Unpin {
    pending()
}

#[tool]
fn pinned<T: Send + 'static>(value: T) -> Pin<Box<dyn Future<Output = T> + Send>> {
    Box::pin(async move { value })
}

#[tool]
fn pinned_opaque(n: u8) -> Pin<Box<impl Future<Output = u8>>> {
    Box::pin(async move { n })
}

#[tool]
fn movable(n: u8) -> Box<dyn Future<Output = u8> + Unpin> {
    Box::new(immediately(n))
}

#[tool]
fn local(n: Rc<u8>) -> LocalBoxFuture<'static, u8> {
    Box::pin(async move { *n })
}

#[tool]
fn fallible(text: &str) -> Result<impl Future<Output = u8> + use<>, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(immediately(0));
    }
    let n = text.parse()?;
    Ok(immediately(n))
}

#[tool(err = Debug)]
fn nested(n: u8) -> Option<Result<BoxFuture<'static, Result<u8, ()>>, u8>> {
    match n {
        0 => None,
        1 => Some(Err(n)),
        _ => Some(Ok(Box::pin(async move { Err(()) }))),
    }
}

#[tool]
fn cloneable(n: u8) -> impl Future<Output = u8> + Clone {
    immediately(n)
}

#[tool]
fn never() -> BoxFuture<'static, ()> {
    panic!("not this time")
}

#[session]
#[agent]
fn stacked(goal: String) -> BoxFuture<'static, usize> {
    Box::pin(async move { goal.len() })
}

struct Web {
    pages: Vec<String>,
}

impl Web {
    #[tool]
    fn first(&mut self) -> impl Future<Output = Option<&mut String>> {
        async { self.pages.first_mut() }
    }

    #[tool(fields(pages = self.pages.len()))]
    fn count(&self) -> BoxFuture<'_, usize> {
        Box::pin(async { self.pages.len() })
    }
}

#[async_trait]
trait Search: Sync {
    async fn search(&self, query: &str, (a, _b): (u8, u8), _: u8) -> Result<usize, String>;

    #[tool]
    async fn twice<T: Send>(&mut self, mut value: Vec<T>, _: T) -> usize {
        value.truncate(1);
        value.len() * 2
    }

    async fn into_name(self: Box<Self>) -> String;
}

#[tool]
#[async_trait]
impl Search for Web {
    async fn search(&self, query: &str, (a, _b): (u8, u8), _: u8) -> Result<usize, String> {
        let Some(page) = self.pages.get(usize::from(a)) else {
            return Err("no page".to_owned());
        };
        page.find(query).ok_or_else(|| format!("no {query}"))
    }

    async fn into_name(self: Box<Self>) -> String {
        self.pages.concat()
    }
}

#[async_trait(?Send)]
trait Local {
    async fn take(&self, n: Rc<u8>) -> u8;
}

#[async_trait(?Send)]
#[agent]
impl Local for Web {
    async fn take(&self, n: Rc<u8>) -> u8 {
        *n
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
    assert_eq!(ready(is_send(opaque("rust", 1))), "ru");
    assert_eq!(ready(is_send(borrowing("rust", 1))), "ust");
    drop(inferred());
    assert_eq!(ready(is_send(pinned(3))), 3);
    assert_eq!(ready(pinned_opaque(3)) + ready(movable(1)) + ready(local(Rc::new(2))), 6);
    assert_eq!(fallible("7").map(ready), Ok(7));
    assert!(fallible("x").is_err());
    assert!(nested(0).is_none() && nested(1).is_some_and(|it| it.is_err()));
    assert!(nested(2).and_then(Result::ok).is_some_and(|it| ready(it).is_err()));
    assert_eq!(ready(cloneable(1).clone()), 1);
    std::panic::set_hook(Box::new(|_| ()));
    assert!(std::panic::catch_unwind(|| drop(never())).is_err());
    assert_eq!(ready(stacked("goal".to_owned())), 4);
    let mut web = Web { pages: vec!["rust".to_owned()] };
    if let Some(page) = ready(web.first()) {
        page.push('!');
    }
    assert_eq!(ready(web.count()), 1);
    assert_eq!(ready(is_send(web.search("t", (0, 0), 1))), Ok(3));
    assert!(ready(web.search("t", (1, 0), 1)).is_err());
    assert_eq!(ready(web.twice(vec![1, 2], 3)), 2);
    assert_eq!(ready(web.take(Rc::new(1))), 1);
    assert_eq!(ready(Box::new(web).into_name()), "rust!");
}
