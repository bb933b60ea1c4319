//! A session that ends while children start on other threads: neither its root nor a child is ever lost.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering},
};

use agentops::{
    EndState, Session, Tool,
    opentelemetry::{Value, trace::SpanId},
};
use agentops_tests::{Recording, attribute};

const SESSIONS: usize = 300;
const THREADS: usize = 4;

/// Starts tools until some have started after the end; the answer: how many in all.
fn hammer(session: &Session, ended: &AtomicBool) -> usize {
    let (mut started, mut after_the_end) = (0, 0);
    while after_the_end < 3 {
        after_the_end += usize::from(ended.load(Ordering::Acquire));
        let tool = session.in_scope(|| Tool::start("racing"));
        assert!(tool.is_recording());
        started += 1;
        tool.end(EndState::Success);
    }
    started
}

#[test]
fn racing_ends_lose_no_root() {
    let recording = Recording::global();
    let mut children = 0;
    for _ in 0..SESSIONS {
        let session = Session::start("raced");
        let (ended, barrier) =
            (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(THREADS + 2)));
        let hammers: Vec<_> = (0..THREADS)
            .map(|_| {
                let (session, ended, barrier) =
                    (session.clone(), Arc::clone(&ended), Arc::clone(&barrier));
                std::thread::spawn(move || {
                    barrier.wait();
                    hammer(&session, &ended)
                })
            })
            .collect();
        // Two threads end it at once.
        let (second, at_once) = (session.clone(), Arc::clone(&barrier));
        let second = std::thread::spawn(move || {
            at_once.wait();
            second.end(EndState::Failure);
        });
        barrier.wait();
        session.end(EndState::Success);
        ended.store(true, Ordering::Release);
        second.join().expect("it only ends a session");
        for hammer in hammers {
            children += hammer.join().expect("it only starts tools");
        }
    }
    let stats = recording.core.shutdown().expect("all is delivered");
    let spans = recording.kept.spans();
    let roots: Vec<_> =
        spans.iter().filter(|span| span.parent_span_id == SpanId::INVALID).collect();
    assert_eq!((roots.len(), spans.len()), (SESSIONS, SESSIONS + children));
    assert_eq!((stats.started, stats.ended), (stats.sent, stats.sent));
    let late = spans.iter().filter(|span| attribute(span, "agentops.late").is_some()).count();
    let totals = roots.iter().filter_map(|root| attribute(root, "agentops.session.calls.tool"));
    let in_time: i64 =
        totals.map(|calls| if let Value::I64(calls) = calls { calls } else { 0 }).sum();
    assert_eq!(stats.late, u64::try_from(late).expect("it is a small number"));
    assert!(late >= SESSIONS * THREADS * 3);
    // One that ends in the very moment of the session's end may miss the sum on the root.
    let missed =
        (children - late).checked_sub(usize::try_from(in_time).expect("it is a small number"));
    assert!(missed.is_some_and(|missed| missed <= SESSIONS * THREADS), "{missed:?}");
    let below_a_root = spans
        .iter()
        .filter(|span| roots.iter().any(|root| root.span_context.span_id() == span.parent_span_id));
    assert_eq!(below_a_root.count(), children);
}
