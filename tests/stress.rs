//! A thousand sessions over everything that runs code: each span in its own session, none lost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
};

use agentops::{
    EndState, Session, SessionContext, SessionExt, agent, current_session, llm,
    opentelemetry::{TraceId, trace::SpanId},
    opentelemetry_sdk::trace::SpanData,
    task, tool,
};
use agentops_tests::{Recording, attribute};
use tokio::{task::yield_now, time::timeout};

const SESSIONS: usize = 1_000;

type Job = Box<dyn FnOnce() + Send>;

/// A pool that knows nothing of tokio, nor of contexts: as those for work on all cores are.
struct Pool {
    jobs: mpsc::Sender<Job>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let work = |queue: Arc<Mutex<mpsc::Receiver<Job>>>| {
            move || loop {
                let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(job) = job else { return };
                job();
            }
        };
        let workers = (0..workers).map(|_| std::thread::spawn(work(Arc::clone(&queue)))).collect();
        Self { jobs, workers }
    }

    /// Runs the code in the session of the caller, and waits for it on another thread.
    async fn run<R: Send + 'static>(&self, code: impl FnOnce() -> R + Send + 'static) -> Option<R> {
        let (done, result) = tokio::sync::oneshot::channel();
        let context = SessionContext::current();
        let job = move || drop(done.send(context.in_scope(code)));
        self.jobs.send(Box::new(job)).ok()?;
        result.await.ok()
    }

    fn join(self) -> bool {
        drop(self.jobs);
        self.workers.into_iter().all(|worker| worker.join().is_ok())
    }
}

/// Which session it is in: on each span, to be compared with whose trace it came out in.
#[tool(fields(whose = whose()))]
fn step(number: usize) -> usize {
    number
}

#[task(fields(whose = whose()))]
async fn async_step(number: usize) -> usize {
    yield_now().await;
    step(number)
}

#[llm(fields(whose = whose()))]
async fn hangs() {
    std::future::pending::<()>().await;
}

#[agent(fields(whose = whose()))]
async fn everywhere(number: usize, pool: Arc<Pool>) -> usize {
    let spawned = agentops::spawn(async_step(number));
    let carried = tokio::spawn(async_step(number).in_current_session());
    let blocking = agentops::spawn_blocking(move || step(number));
    let pooled = pool.run(move || step(number));
    let (spawned, carried, blocking, pooled) = tokio::join!(spawned, carried, blocking, pooled);
    let threaded = if number.is_multiple_of(20) {
        let thread = agentops::thread::spawn(move || step(number));
        agentops::spawn_blocking(move || thread.join().unwrap_or_default())
            .await
            .unwrap_or_default()
    } else {
        step(number)
    };
    let _ = timeout(std::time::Duration::ZERO, hangs()).await;
    let sum = [spawned.ok(), carried.ok(), blocking.ok(), pooled, Some(threaded)];
    sum.into_iter().flatten().sum()
}

fn whose() -> String {
    current_session().map(|session| session.id()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousand_sessions_keep_their_spans() {
    let recording = Recording::global();
    let pool = Arc::new(Pool::new(3));
    let sessions: Vec<_> = (0..SESSIONS)
        .map(|number| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                let session = Session::builder("stress").session_id(format!("s-{number}")).start();
                let sum = session.instrument(everywhere(number, pool)).await;
                session.end(EndState::Success);
                sum
            })
        })
        .collect();
    for (number, session) in sessions.into_iter().enumerate() {
        assert_eq!(session.await.ok(), Some(5 * number));
    }
    assert!(Arc::into_inner(pool).is_some_and(Pool::join));
    assert!(agentops::sessions().is_empty());
    let stats = recording.core.shutdown().expect("all is delivered");
    // The session, its agent, two tasks with a tool each, three more tools, and what hangs.
    let spans = 1 + 1 + 2 * 2 + 3 + 1;
    let all = u64::try_from(SESSIONS * spans).expect("it is a small number");
    assert_eq!((stats.started, stats.ended, stats.sent, stats.orphans), (all, all, all, 0));
    let kept = recording.kept.spans();
    let mut traces: HashMap<TraceId, Vec<&SpanData>> = HashMap::new();
    for span in &kept {
        traces.entry(span.span_context.trace_id()).or_default().push(span);
    }
    assert_eq!(traces.len(), SESSIONS);
    assert!(traces.values().all(|trace| trace.len() == spans && is_whole(trace)));
}

/// One root, every parent there, and every span knows the same session.
fn is_whole(trace: &[&SpanData]) -> bool {
    let ids: Vec<SpanId> = trace.iter().map(|span| span.span_context.span_id()).collect();
    let roots = trace.iter().filter(|span| span.parent_span_id == SpanId::INVALID).count();
    let hang_together = trace
        .iter()
        .all(|span| span.parent_span_id == SpanId::INVALID || ids.contains(&span.parent_span_id));
    let session = attribute(trace[0], "session.id");
    let agree = trace.iter().all(|span| {
        attribute(span, "session.id") == session
            && (span.parent_span_id == SpanId::INVALID || attribute(span, "whose") == session)
    });
    roots == 1 && hang_together && agree
}
