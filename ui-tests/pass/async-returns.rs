#![deny(warnings)]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use agentops::tool;

#[tool]
async fn never(number: u8) -> ! {
    panic!("{number}")
}

#[tool]
async fn only_panics(number: u8) -> u8 {
    panic!("{number}")
}

#[tool]
async fn unit_that_diverges(number: u8) {
    panic!("{number}")
}

#[tool]
async fn coerced(number: u8) -> Box<dyn Fn(u8) -> u8> {
    Box::new(move |other| number + other)
}

#[tool]
async fn borrowed<'a>(text: &'a str, at: usize) -> Option<&'a str> {
    text.get(at..)
}

#[tool]
async fn countdown(from: u8) -> u8 {
    if from == 0 { 0 } else { Box::pin(countdown(from - 1)).await + 1 }
}

fn is_send(_: &impl Send) {}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    let future = countdown(3);
    is_send(&future);
    assert_eq!(ready(future), 3);
    assert_eq!(ready(coerced(1))(2), 3);
    assert_eq!(ready(borrowed("rust", 2)), Some("st"));
    std::panic::set_hook(Box::new(|_| ()));
    assert!(std::panic::catch_unwind(|| ready(never(1))).is_err());
    assert!(std::panic::catch_unwind(|| ready(only_panics(1))).is_err());
    assert!(std::panic::catch_unwind(|| ready(unit_that_diverges(1))).is_err());
}
