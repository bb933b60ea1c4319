//! Two hundred sessions at once on several threads, nested, yielding, sleeping, failing and cancelled:
//! each trace holds exactly its own spans.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::HashSet, time::Duration};

use agentops::testing::tree_of;
use agentops::{agent, llm, opentelemetry::trace::SpanId, session, tool, tracing::Instrument};
use agentops_tests::{Recording, attribute};
use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};

const SESSIONS: usize = 200;

#[session(name = "crowd", session_id = number, capture_output = false)]
async fn run(number: usize) {
    let spawned = tokio::spawn(work(number, "spawned").in_current_span());
    let (_, _) = tokio::join!(work(number, "left"), work(number, "right"));
    spawned.await.unwrap();
    let _ = fails(number).await;
}

#[agent(fields(place = place))]
async fn work(number: usize, place: &str) {
    yield_now().await;
    ask(number).await;
    sleep(Duration::from_micros(number as u64 % 7)).await;
    let _ = timeout(Duration::ZERO, hangs(number)).await;
    tokio::task::block_in_place(|| counts(number));
}

#[llm(model = "m")]
async fn ask(number: usize) -> usize {
    sleep(Duration::from_micros(number as u64 % 5)).await;
    counts(number);
    yield_now().await;
    number
}

#[tool]
fn counts(number: usize) -> usize {
    number
}

#[tool]
async fn fails(number: usize) -> Result<(), usize> {
    yield_now().await;
    Err(number)
}

#[tool]
async fn hangs(number: usize) -> usize {
    std::future::pending::<()>().await;
    number
}

/// Shape of every trace: the order of the agents is chance, their content is not.
fn expected(number: usize) -> Vec<String> {
    let agent =
        "  agent work\n    llm ask\n      tool counts\n    tool hangs cancelled\n    tool counts\n";
    let mut parts = vec![agent.to_owned(); 3];
    parts.insert(0, "session crowd\n".to_owned());
    parts.push(format!("  tool fails error=\"{number}\"\n"));
    parts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_traces_hold_their_own_spans() {
    let recording = Recording::global();
    let sessions: Vec<_> = (0..SESSIONS).map(|number| tokio::spawn(run(number))).collect();
    for session in sessions {
        session.await.unwrap();
    }

    let traces = recording.traces_of("crowd");
    assert_eq!(traces.len(), SESSIONS);
    let mut numbers = HashSet::new();
    for trace in &traces {
        let id = attribute(&trace[0], "session.id").unwrap();
        let number: usize = id.as_str().parse().unwrap();
        assert!(numbers.insert(number), "session {number} has two traces");
        assert_eq!(tree_of(trace), expected(number).concat());
        assert_eq!(
            trace.iter().filter(|span| span.parent_span_id == SpanId::INVALID).count(),
            1,
            "one root"
        );
        for span in trace {
            assert_eq!(attribute(span, "session.id").as_ref(), Some(&id));
            if let Some(input) = attribute(span, "input.value") {
                assert!(
                    input.as_str().contains(&format!("\"number\":{number}")),
                    "{input} in {number}"
                );
            }
        }
        let totals = ["agent", "llm", "tool"]
            .map(|kind| attribute(&trace[0], &format!("agentops.session.calls.{kind}")));
        assert_eq!(totals, [Some(3.into()), Some(3.into()), Some(10.into())]);
        assert_eq!(attribute(&trace[0], "agentops.session.errors"), Some(1.into()));
    }
    let all: Vec<_> = traces.iter().flatten().map(|span| span.span_context.span_id()).collect();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "no span id twice");
    let stats = recording.core.stats();
    let each = 1 + 3 * 5 + 1;
    assert_eq!([stats.started, stats.ended, stats.sent], [(SESSIONS * each) as u64; 3]);
    assert_eq!([stats.orphans, stats.dropped, stats.failed, stats.queued], [0; 4]);
}
