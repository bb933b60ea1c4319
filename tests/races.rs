//! A session that ends while children start on other threads: the root is never lost, nobody joins later.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering},
};

use agentops::{EndState, Session, Tool, opentelemetry::trace::SpanId};
use agentops_tests::Recording;

const SESSIONS: usize = 300;
const THREADS: usize = 4;

/// Starts tools until one is refused; the answer: how many started, and how many of them after the end.
fn hammer(session: &Session, ended: &AtomicBool) -> (usize, usize) {
    let (mut started, mut too_late) = (0, 0);
    loop {
        let after_the_end = ended.load(Ordering::Acquire);
        let tool = session.in_scope(|| Tool::try_start("racing"));
        let Ok(tool) = tool else { return (started, too_late) };
        if tool.is_recording() {
            started += 1;
            too_late += usize::from(after_the_end);
        }
        tool.end(EndState::Success);
    }
}

#[test]
fn no_root_is_lost_and_no_child_gets_in_after_the_end() {
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
            let (started, too_late) = hammer.join().expect("it only starts tools");
            assert_eq!(too_late, 0);
            children += started;
        }
    }
    let stats = recording.core.shutdown().expect("all is delivered");
    let spans = recording.kept.spans();
    let roots: Vec<_> =
        spans.iter().filter(|span| span.parent_span_id == SpanId::INVALID).collect();
    assert_eq!((roots.len(), spans.len()), (SESSIONS, SESSIONS + children));
    assert_eq!((stats.started, stats.ended), (stats.sent, stats.sent));
    // Each thread was refused at least once.
    assert!(stats.late >= u64::try_from(SESSIONS * THREADS).expect("it is a small number"));
    let below_a_root = spans
        .iter()
        .filter(|span| roots.iter().any(|root| root.span_context.span_id() == span.parent_span_id));
    assert_eq!(below_a_root.count(), children);
}
