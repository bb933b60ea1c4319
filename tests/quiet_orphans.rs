//! Calls outside of any session, where `init` has set the process up: after the first of a callsite they are
//! counted where they happen.

use std::thread;

use agentops::{
    Session, SessionContext, TracingConfig, session, suppress, tool,
    tracing::subscriber::with_default,
};
use agentops_tests::Kept;
use tracing_subscriber::registry;

#[tool]
fn lost(n: usize) -> usize {
    n + 1
}

#[session]
fn found() -> usize {
    lost(1)
}

/// Numbers of orphans, of late ones among them, and of spans that something makes.
fn counted(work: impl FnOnce()) -> [u64; 3] {
    let before = agentops::stats();
    work();
    let after = agentops::stats();
    [after.orphans - before.orphans, after.late - before.late, after.started - before.started]
}

#[test]
fn orphans_are_counted_once_each() {
    let config = TracingConfig::builder().exporter(Kept::default()).console(false);
    let guard = agentops::init_with(config.build().unwrap()).unwrap();
    let many = || {
        let calls = || assert_eq!((0..100).map(lost).sum::<usize>(), 5_050);
        thread::scope(|scope| (0..10).for_each(|_| _ = scope.spawn(calls)));
    };
    assert_eq!(counted(many), [1_000, 0, 0]);
    assert_eq!(counted(|| assert_eq!(found(), 2)), [0, 0, 2], "in a session it is none");
    assert_eq!(counted(|| _ = lost(1)), [1, 0, 0]);
    assert_eq!(counted(|| _ = suppress(|| lost(1))), [0; 3], "nobody wanted to know");
    let elsewhere = || with_default(registry(), || lost(1));
    assert_eq!(counted(|| _ = elsewhere()), [0; 3], "that subscriber is not ours");
    let session = Session::start("over");
    let place = session.in_scope(SessionContext::current);
    session.end(agentops::EndState::Success);
    assert_eq!(counted(|| _ = place.in_scope(|| lost(1))), [0, 1, 1], "it comes late");
    let orphans = guard.shutdown().unwrap().orphans;
    assert_eq!(orphans, 1_001);
    assert_eq!(counted(|| _ = lost(1)), [0; 3], "nobody traces any more");
}
