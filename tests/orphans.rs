//! Calls outside of any session: they run, are not recorded, are counted, and each callsite warns once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{panic::catch_unwind, sync::Mutex};

use agentops::{OrphanPolicy, session, tool, tracing};
use agentops_tests::{Recording, log};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// The counters are the core's, so the tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Runs something and says how many orphans and how many started spans it made.
fn counted(work: impl FnOnce()) -> [u64; 2] {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let core = &Recording::global().core;
    let before = core.stats();
    work();
    let after = core.stats();
    [after.orphans - before.orphans, after.started - before.started]
}

/// The warning of a callsite at this line.
fn warnings(kind: &str, name: &str, line: u32) -> Vec<String> {
    vec![format!(
        "{kind} `{name}` (tests/orphans.rs:{line}) was called outside of any session and is not recorded; \
         call it below a `#[session]` function, and spawn it by `agentops::spawn`, with \
         `.in_current_session()` or by `agentops::thread::spawn`; where a server or a queue calls it, put \
         `#[session]` above it"
    )]
}

#[test]
fn orphan_runs_is_counted_and_warned_once() {
    #[tool]
    fn orphan_fn(n: u8) -> u8 {
        n + 1
    }
    let counts = counted(|| {
        let results: Vec<_> = (0..3).map(orphan_fn).collect();
        assert_eq!(results, [1, 2, 3]);
    });
    assert_eq!(counts, [3, 0]);
    assert_eq!(log::lines_with("orphan_fn"), warnings("tool", "orphan_fn", 35));
}

#[test]
fn so_does_an_async_function() {
    #[agentops::agent]
    async fn orphan_async_fn() -> u8 {
        tokio::task::yield_now().await;
        7
    }
    let counts = counted(|| assert_eq!(runtime().block_on(orphan_async_fn()), 7));
    assert_eq!(counts, [1, 0]);
    assert_eq!(log::lines_with("orphan_async_fn"), warnings("agent", "orphan_async_fn", 49));
}

#[test]
fn so_does_a_task_that_leaves_its_session() {
    #[tool]
    async fn orphan_task() -> u8 {
        7
    }
    #[session]
    async fn spawning() -> u8 {
        tokio::spawn(orphan_task()).await.unwrap()
    }
    let counts = counted(|| assert_eq!(runtime().block_on(spawning()), 7));
    assert_eq!(counts, [1, 1], "only the session is started");
    assert_eq!(log::lines_with("orphan_task"), warnings("tool", "orphan_task", 61));
    assert_eq!(Recording::global().tree_of("spawning"), "session spawning\n");
}

#[test]
fn so_does_a_thread_that_leaves_its_session() {
    #[tool]
    fn orphan_thread() -> u8 {
        7
    }
    #[session]
    fn threading() -> u8 {
        std::thread::spawn(orphan_thread).join().unwrap()
    }
    let counts = counted(|| assert_eq!(threading(), 7));
    assert_eq!(counts, [1, 1], "only the session is started");
    assert_eq!(log::lines_with("orphan_thread"), warnings("tool", "orphan_thread", 77));
    assert_eq!(Recording::global().tree_of("threading"), "session threading\n");
}

#[test]
fn callee_of_an_orphan_is_an_orphan() {
    #[tool]
    fn orphan_child() {}
    #[tool]
    fn orphan_parent() {
        orphan_child();
    }
    assert_eq!(counted(orphan_parent), [2, 0]);
}

#[test]
fn by_policy_an_orphan_panics() {
    #[tool]
    fn strict_orphan() {}
    let recording = Recording::new(|builder| builder.orphan_policy(OrphanPolicy::Panic));
    let subscriber = registry().with(agentops::layer(&recording.core));
    let panicked = tracing::subscriber::with_default(subscriber, || catch_unwind(strict_orphan));
    let message = *panicked.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(vec![message], warnings("tool", "strict_orphan", 104));
}

#[test]
fn orphan_policy_opens_a_session() {
    #[tool]
    fn inside(n: u8) -> Result<u8, String> {
        n.checked_sub(1).ok_or_else(|| "too small".to_owned())
    }
    #[tool]
    fn alone(n: u8) -> Result<u8, String> {
        inside(n)
    }
    #[tool]
    async fn alone_and_async(n: u8) -> Result<u8, String> {
        tokio::task::yield_now().await;
        inside(n)
    }
    let recording = Recording::new(|builder| builder.orphan_policy(OrphanPolicy::AutoSession));
    let subscriber = registry().with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, || {
        alone(0).unwrap_err();
        runtime().block_on(alone_and_async(1)).unwrap();
    });
    let trees: Vec<_> = ["alone", "alone_and_async"].map(|name| recording.tree_of(name)).into();
    assert_eq!(
        trees,
        [
            "session alone error=\"too small\"\n\
            \x20 tool alone error=\"too small\"\n\
            \x20   tool inside error=\"too small\"\n",
            "session alone_and_async\n  tool alone_and_async\n    tool inside\n",
        ]
    );
    assert_eq!(recording.core.stats().orphans, 0);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
