//! Sinks in a session: what they call while they are polled is part of it.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::mpsc::{Sender, channel},
    task::{Context, Poll},
};

use agentops::{SessionExt, session, tool};
use agentops_tests::Recording;
use futures_sink::Sink;

/// Sink that calls a tool in each of its methods and passes its items on.
struct Printer(Sender<u8>);

#[tool]
fn print(_step: &str) {}

impl Sink<u8> for Printer {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        print("ready");
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, item: u8) -> Result<(), Infallible> {
        print("send");
        let _ = self.0.send(item);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        print("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        print("close");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn sink_runs_in_its_session_until_it_is_closed() {
    #[session]
    fn printing(printed: Sender<u8>) -> impl Sink<u8, Error = Infallible> {
        Printer(printed).in_current_session()
    }
    let recording = Recording::global();
    let (printed, sent) = channel();
    let mut printer = pin!(printing(printed));
    poll_fn(|task| printer.as_mut().poll_ready(task)).await.unwrap();
    printer.as_mut().start_send(7).unwrap();
    poll_fn(|task| printer.as_mut().poll_flush(task)).await.unwrap();
    assert!(recording.traces_of("printing").is_empty(), "the sink is open");
    poll_fn(|task| printer.as_mut().poll_close(task)).await.unwrap();
    assert_eq!(sent.try_recv(), Ok(7));
    let calls = recording.tree_of("printing");
    assert_eq!(calls, format!("session printing\n{}", "  tool print\n".repeat(4)));
}
