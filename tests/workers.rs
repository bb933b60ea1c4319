//! Jobs that a queue brings to a worker, which runs in a task or thread of its own: they belong to the session
//! of their sender where they carry it, and to one of their own otherwise.
#![deny(clippy::pedantic)]

use std::{collections::HashMap, pin::Pin, sync::mpsc as threads, thread};

use agentops::{
    SessionContext, SessionExt, agent, extract, inject, opentelemetry_sdk::trace::SpanData,
    session, tool,
};
use agentops_tests::{Recording, attribute, name};
use tokio::sync::{mpsc, oneshot};

#[tool]
async fn resize(width: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    width.checked_div(2).filter(|half| *half > 0).ok_or_else(|| "nothing is left".to_owned())
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    attribute(span, key).map(|value| value.to_string())
}

fn is_late(trace: &[SpanData]) -> bool {
    trace.iter().any(|span| attribute(span, "agentops.late").is_some())
}

/// A job as the future that it is.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

#[tokio::test]
async fn job_future_keeps_its_senders_session_open() {
    #[agent]
    async fn orders(jobs: mpsc::Sender<Work>) {
        let work = async { _ = resize(8).await };
        let work = Box::pin(work.in_current_session());
        assert!(jobs.send(work).await.is_ok());
    }
    #[session(skip_all)]
    async fn sends_futures(jobs: mpsc::Sender<Work>) {
        orders(jobs).await;
    }
    let recording = Recording::global();
    let (jobs, mut queue) = mpsc::channel::<Work>(4);
    sends_futures(jobs).await;
    assert!(recording.traces_of("sends_futures").is_empty(), "its job is still to be done");
    let worker = tokio::spawn(async move {
        while let Some(work) = queue.recv().await {
            work.await;
        }
    });
    worker.await.unwrap();
    assert_eq!(
        recording.tree_of("sends_futures"),
        "session sends_futures\n  agent orders\n    tool resize\n"
    );
    assert!(!is_late(&recording.trace_of("sends_futures")));
}

#[tokio::test]
async fn dropped_jobs_end_their_senders_session() {
    #[session(skip_all)]
    async fn sends_in_vain(jobs: mpsc::Sender<Work>) {
        let work = async { _ = resize(8).await };
        assert!(jobs.send(Box::pin(work.in_current_session())).await.is_ok());
    }
    let recording = Recording::global();
    let (jobs, queue) = mpsc::channel::<Work>(4);
    sends_in_vain(jobs).await;
    drop(queue);
    assert_eq!(recording.tree_of("sends_in_vain"), "session sends_in_vain\n");
}

/// A job that says where its sender was.
struct Order {
    width: u32,
    place: SessionContext,
    done: oneshot::Sender<Result<u32, String>>,
}

#[tokio::test]
async fn job_with_its_place_returns_value_there() {
    #[agent]
    async fn asks(jobs: &mpsc::Sender<Order>, width: u32) -> Result<u32, String> {
        let (done, answer) = oneshot::channel();
        let order = Order { width, place: SessionContext::current(), done };
        jobs.send(order).await.map_err(|_| "nobody works")?;
        answer.await.map_err(|_| "nobody answers")?
    }
    #[session(skip_all, err = off)]
    async fn sends_places(jobs: mpsc::Sender<Order>) -> Result<u32, String> {
        Ok(asks(&jobs, 8).await? + asks(&jobs, 1).await?)
    }
    let recording = Recording::global();
    let (jobs, mut queue) = mpsc::channel::<Order>(4);
    let worker = tokio::spawn(async move {
        while let Some(Order { width, place, done }) = queue.recv().await {
            // Who waits for the answer keeps the session open.
            _ = done.send(place.instrument(resize(width)).await);
        }
    });
    assert_eq!(sends_places(jobs).await.unwrap_err(), "nothing is left");
    worker.await.unwrap();
    let error = "error=\"nothing is left\"";
    assert_eq!(
        recording.tree_of("sends_places"),
        format!(
            "session sends_places\n  agent asks\n    tool resize\n  agent asks {error}\n    \
             tool resize {error}\n"
        )
    );
    assert!(!is_late(&recording.trace_of("sends_places")));
}

#[tokio::test]
async fn job_after_its_senders_session_is_late() {
    #[session(skip_all)]
    async fn leaves_early(jobs: mpsc::Sender<SessionContext>) {
        assert!(jobs.send(SessionContext::current()).await.is_ok());
    }
    let recording = Recording::global();
    let (jobs, mut queue) = mpsc::channel(4);
    leaves_early(jobs).await;
    let place = queue.recv().await.unwrap();
    place.instrument(resize(8)).await.unwrap();
    let trace = recording.trace_of("leaves_early");
    assert_eq!(name(&trace[1]), "resize");
    assert_eq!(text(&trace[1], "agentops.late").as_deref(), Some("true"));
    assert_eq!(trace[1].parent_span_id, trace[0].span_context.span_id());
}

#[tokio::test]
async fn job_without_context_is_its_own_session() {
    #[session]
    async fn job(width: u32) -> Result<u32, String> {
        resize(width).await
    }
    #[session(skip_all)]
    async fn sends_widths(jobs: mpsc::Sender<u32>) {
        for width in [8, 1] {
            jobs.send(width).await.unwrap();
        }
    }
    let recording = Recording::global();
    let (jobs, mut queue) = mpsc::channel(4);
    let worker = tokio::spawn(async move {
        while let Some(width) = queue.recv().await {
            // One that fails does not stop the worker.
            _ = job(width).await;
        }
    });
    sends_widths(jobs).await;
    worker.await.unwrap();
    let traces = recording.traces_of("job");
    let trees: Vec<_> = traces.iter().map(|trace| agentops::testing::tree_of(trace)).collect();
    let error = "error=\"nothing is left\"";
    let expected = [
        "session job\n  tool resize\n".to_owned(),
        format!("session job {error}\n  tool resize {error}\n"),
    ];
    assert_eq!(trees, expected);
    assert!(traces.iter().all(|trace| trace[0].links.is_empty()), "nobody called it");
    assert_eq!(recording.tree_of("sends_widths"), "session sends_widths\n");
}

#[test]
fn worker_threads_behave_alike() {
    #[tool]
    fn crop(width: u32) -> u32 {
        width - 1
    }
    #[session(name = "job of a thread")]
    fn job(width: u32) -> u32 {
        crop(width)
    }
    #[session(skip_all)]
    fn sends_to_a_thread(jobs: &threads::Sender<(Option<SessionContext>, u32)>) {
        jobs.send((None, 8)).unwrap();
        jobs.send((Some(SessionContext::current()), 7)).unwrap();
    }
    let recording = Recording::global();
    let (jobs, queue) = threads::channel();
    let (ready, answers) = threads::channel();
    let worker = thread::spawn(move || {
        for (place, width) in queue {
            let place: Option<SessionContext> = place;
            let cropped = place.map_or_else(|| job(width), |place| place.in_scope(|| crop(width)));
            ready.send(cropped).unwrap();
        }
    });
    let session = agentops::Session::start("sends and waits");
    session.in_scope(|| {
        sends_to_a_thread(&jobs);
        jobs.send((Some(SessionContext::current()), 6)).unwrap();
        drop(jobs);
        assert_eq!(answers.iter().collect::<Vec<_>>(), [7, 6, 5]);
    });
    session.end(agentops::EndState::Success);
    worker.join().unwrap();
    assert_eq!(recording.tree_of("job of a thread"), "session job of a thread\n  tool crop\n");
    assert_eq!(recording.tree_of("sends and waits"), "session sends and waits\n  tool crop\n");
}

#[tokio::test]
async fn job_of_another_process_continues_by_headers() {
    /// A job as a broker delivers it.
    struct Delivery {
        width: u32,
        headers: HashMap<String, String>,
    }
    #[session(session_id = "s-1")]
    async fn publishes(width: u32) -> Delivery {
        let mut headers = HashMap::new();
        inject(&mut headers);
        Delivery { width, headers }
    }
    let recording = Recording::global();
    let delivery = publishes(8).await;
    let sender = recording.trace_of("publishes")[0].span_context.clone();
    let place = extract(&delivery.headers);
    assert_eq!(place.instrument(resize(delivery.width)).await, Ok(4));
    let spans = recording.spans();
    let mut of_worker = spans.iter().filter(|span| span.parent_span_id == sender.span_id());
    let resized = of_worker.next().expect("it was delivered");
    assert_eq!((name(resized).as_str(), of_worker.count()), ("resize", 0));
    assert_eq!(resized.span_context.trace_id(), sender.trace_id());
    assert_eq!(text(resized, "session.id").as_deref(), Some("s-1"));
    assert_eq!(text(resized, "agentops.late"), None);
}
