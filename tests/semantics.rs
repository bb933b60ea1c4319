//! Semantics that an annotation must never change: values, drop order, borrows, laziness, sendness.
#![deny(clippy::pedantic)]

use std::{cell::RefCell, future::Future};

use agentops::{session, tool};
use agentops_tests::Recording;

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

fn dropped_by<T>(work: impl FnOnce() -> T) -> Vec<&'static str> {
    DROPPED.take();
    work();
    DROPPED.take()
}

#[expect(unused_variables, clippy::needless_pass_by_value, reason = "their drops are what counts")]
mod plain {
    use super::Noisy;

    pub(super) fn sync(a: Noisy, _: Noisy, (b, c): (Noisy, Noisy), mut d: Noisy) -> usize {
        let _local = Noisy("local");
        d.0 = "d, changed";
        drop(b);
        0
    }

    pub(super) async fn asynchronous(
        a: Noisy,
        _: Noisy,
        (b, c): (Noisy, Noisy),
        mut d: Noisy,
    ) -> usize {
        let _local = Noisy("local");
        d.0 = "d, changed";
        drop(b);
        tokio::task::yield_now().await;
        0
    }
}

mod annotated {
    use super::{Noisy, tool};

    #[tool]
    pub(super) fn sync(a: Noisy, _: Noisy, (b, c): (Noisy, Noisy), mut d: Noisy) -> usize {
        let _local = Noisy("local");
        d.0 = "d, changed";
        drop(b);
        0
    }

    #[tool]
    pub(super) async fn asynchronous(
        a: Noisy,
        _: Noisy,
        (b, c): (Noisy, Noisy),
        mut d: Noisy,
    ) -> usize {
        let _local = Noisy("local");
        d.0 = "d, changed";
        drop(b);
        tokio::task::yield_now().await;
        0
    }
}

macro_rules! call {
    ($function:path) => {
        $function(Noisy("a"), Noisy("_"), (Noisy("b"), Noisy("c")), Noisy("d"))
    };
}

#[test]
fn arguments_drop_in_the_order_of_the_plain_function() {
    #[session]
    fn in_session<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    Recording::global();
    let plain = dropped_by(|| call!(plain::sync));
    assert_eq!(dropped_by(|| in_session(|| call!(annotated::sync))), plain);
    assert_eq!(dropped_by(|| call!(annotated::sync)), plain, "without a session");
}

#[test]
fn async_arguments_drop_in_order_even_if_cancelled() {
    #[session]
    async fn in_session<T>(work: impl Future<Output = T>) -> T {
        work.await
    }
    Recording::global();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let run = |work: std::pin::Pin<Box<dyn Future<Output = usize>>>| {
        dropped_by(|| runtime.as_ref().map(|runtime| runtime.block_on(work)))
    };
    let half = |mut work: std::pin::Pin<Box<dyn Future<Output = usize>>>| {
        dropped_by(|| {
            let mut task = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(work.as_mut().poll(&mut task).is_pending());
            drop(work);
        })
    };
    let plain = || Box::pin(call!(plain::asynchronous));
    let annotated = || Box::pin(in_session(call!(annotated::asynchronous)));
    assert_eq!([run(annotated()), half(annotated())], [run(plain()), half(plain())],);
}

#[test]
fn future_stays_send_and_lazy() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    #[tool]
    async fn lazy(text: String) -> String {
        tokio::task::yield_now().await;
        text
    }
    let recording = Recording::global();
    let before = recording.core.stats().started;
    drop(send(lazy(String::new())));
    assert_eq!(recording.core.stats().started, before);
}

#[test]
fn early_returns_are_ordinary_results() {
    #[tool]
    fn early(n: u8) -> Option<u8> {
        if n == 0 {
            return None;
        }
        n.checked_sub(2)?.checked_add(1)
    }
    #[session]
    fn returns() -> [Option<u8>; 3] {
        [early(0), early(1), early(2)]
    }
    let recording = Recording::global();
    assert_eq!(returns(), [None, None, Some(1)]);
    let outputs: Vec<_> = recording.trace_of("returns")[1..]
        .iter()
        .map(|span| {
            agentops_tests::attribute(span, "gen_ai.tool.call.result").map(|it| it.to_string())
        })
        .collect();
    let expected = ["null", "null", "1"].map(|json| Some(json.to_owned()));
    assert_eq!(outputs, expected);
}
