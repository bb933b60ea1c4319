//! Sessions with limits: that one is passed is said everywhere once, and cancels what asks for it.
#![deny(clippy::pedantic)]

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use agentops::{
    Budget, BudgetExceeded, BudgetPolicy, Carried, EndState, Limit, Session, SessionExt, Usage,
    current, current_session, llm,
    opentelemetry::{Value, trace::Status},
    opentelemetry_sdk::trace::SpanData,
    session, tool,
};
use agentops_tests::{Recording, attribute};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::oneshot;

static TOLD: Mutex<Vec<(String, Limit)>> = Mutex::new(Vec::new());

fn recording() -> &'static Recording {
    Recording::global_with(|builder| {
        builder.on_budget_exceeded(|exceeded| {
            let told = (exceeded.session().to_owned(), exceeded.limit());
            TOLD.lock().unwrap_or_else(PoisonError::into_inner).push(told);
            assert_ne!(exceeded.session(), "panicking callback", "a panic of the program's own");
        })
    })
}

fn told_of(session: &str) -> Vec<Limit> {
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.iter().filter(|(name, _)| name == session).map(|(_, limit)| *limit).collect()
}

/// The events of a root that tell of a budget: which limit, and what was said.
fn events(root: &SpanData) -> Vec<(String, String)> {
    let of_budget = root.events.iter().filter(|it| it.name == "agentops.session.budget_exceeded");
    let value = |attributes: &[agentops::opentelemetry::KeyValue], key: &str| {
        let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
    };
    of_budget
        .map(|event| {
            let get = |key| value(&event.attributes, key);
            (get("agentops.session.budget.limit"), get("exception.message"))
        })
        .collect()
}

#[llm]
fn think(tokens: u64) {
    current()
        .set_usage(Usage::new().input(tokens).output(1))
        .set_usage(Usage::new().input(tokens).output(10));
}

#[tool(cost = usd)]
fn buy(usd: f64) {}

#[test]
fn tokens_beyond_the_limit_are_said_once_everywhere() {
    #[session(budget(tokens = 100, usd = 1))]
    fn thinks_much() -> [bool; 3] {
        let exceeded = || current_session().is_some_and(|it| it.budget().is_exceeded());
        think(90);
        let at_the_limit = exceeded();
        think(1);
        let beyond = exceeded();
        think(1);
        [at_the_limit, beyond, exceeded()]
    }
    let recording = recording();
    assert_eq!(thinks_much(), [false, true, true]);
    let root = recording.span_of("thinks_much", "thinks_much");
    let message =
        "session `thinks_much` has used 111 tokens of 100; raise its budget or end it earlier";
    assert_eq!(events(&root), [("tokens".to_owned(), message.to_owned())]);
    assert_eq!(told_of("thinks_much"), [Limit::Tokens]);
    let keys = ["agentops.session.tokens.input", "agentops.session.tokens.output"];
    assert_eq!(keys.map(|key| attribute(&root, key)), [Some(Value::I64(92)), Some(Value::I64(30))]);
    assert_eq!(root.status, Status::Unset);
}

#[test]
fn cost_budget_is_reported_and_set_by_builder() {
    let recording = recording();
    let session = Session::builder("spends much").budget(Budget::new().usd(0.25)).start();
    session.in_scope(|| [0.2, 0.1, f64::NAN, -5.0].map(buy));
    let status = session.session().map(|session| session.budget()).expect("it is open");
    assert_eq!(status.exceeded.as_ref().map(BudgetExceeded::limit), Some(Limit::Usd));
    session.end(EndState::Success);
    let root = recording.span_of("spends much", "spends much");
    assert_eq!(attribute(&root, "agentops.session.cost_usd"), Some(Value::F64(0.3)));
    assert_eq!(attribute(&root, "agentops.session.budget.usd"), Some(Value::F64(0.25)));
    assert_eq!(told_of("spends much"), [Limit::Usd]);
}

#[test]
fn panicking_budget_callback_is_harmless() {
    let recording = recording();
    let session = Session::builder("panicking callback").budget(Budget::new().tokens(1)).start();
    session.in_scope(|| think(5));
    session.end(EndState::Success);
    assert_eq!(
        recording.tree_of("panicking callback"),
        "session panicking callback\n  llm think\n"
    );
}

#[derive(Debug, PartialEq)]
enum Trouble {
    Budget(Limit),
}

impl From<BudgetExceeded> for Trouble {
    fn from(exceeded: BudgetExceeded) -> Self {
        Self::Budget(exceeded.limit())
    }
}

#[tool]
async fn endless() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn runaway_loop_is_cancelled_at_an_await() {
    #[session(budget(tokens = 1_000, policy = Cancel))]
    async fn runs_away() -> Result<u64, Trouble> {
        loop {
            think(90);
            tokio::task::yield_now().await;
        }
    }
    let recording = recording();
    assert_eq!(runs_away().await, Err(Trouble::Budget(Limit::Tokens)));
    let trace = recording.trace_of("runs_away");
    assert_eq!(trace.len(), 1 + 11);
    assert_eq!(attribute(&trace[0], "agentops.session.end_state"), Some("Failure".into()));
    assert_eq!(told_of("runs_away"), [Limit::Tokens]);
}

/// A type that tells nothing of what is in it.
struct Reply<T>(T);

type Fallible<T> = Result<T, Trouble>;

/// Thinks once; too often if it is to.
async fn think_first(runs_away: bool) {
    think(40);
    let more = if runs_away { usize::MAX } else { 0 };
    for _ in 0..more {
        think(40);
        tokio::task::yield_now().await;
    }
}

/// Words without an end.
#[llm]
fn endless_words() -> impl Stream<Item = u8> + Send {
    stream::repeat(1).then(|word| async move {
        think(40);
        tokio::task::yield_now().await;
        word
    })
}

#[tokio::test]
async fn cancelled_session_returns_any_result() {
    #[session(budget(tokens = 200, policy = Cancel))]
    async fn replies(runs_away: bool) -> Result<Reply<u8>, Trouble> {
        think_first(runs_away).await;
        Ok(Reply(1))
    }
    #[session(budget(tokens = 200, policy = Cancel))]
    async fn aliased(runs_away: bool) -> Fallible<u8> {
        think_first(runs_away).await;
        Ok(1)
    }
    #[session(budget(tokens = 200, policy = Cancel))]
    async fn streams(runs_away: bool) -> Result<impl Stream<Item = u8> + Send, Trouble> {
        think_first(runs_away).await;
        Ok(endless_words())
    }
    #[session(budget(tokens = 200, policy = Cancel))]
    async fn wraps(runs_away: bool) -> Result<Reply<impl Stream<Item = u8> + Send>, Trouble> {
        think_first(runs_away).await;
        Ok(Reply(endless_words()))
    }
    let recording = recording();
    let refused = Err(Trouble::Budget(Limit::Tokens));
    assert_eq!(replies(true).await.map(|reply| reply.0), refused);
    assert_eq!(aliased(true).await, refused);
    assert_eq!(streams(true).await.map(|_| 1), refused);
    assert_eq!(wraps(true).await.map(|_| 1), refused);
    assert_eq!(replies(false).await.map(|reply| reply.0), Ok(1));
    assert_eq!(aliased(false).await, Ok(1));
    // Three words, until one call more than the limit has ended.
    let Ok(words) = streams(false).await else { panic!("it has begun") };
    assert_eq!(words.count().await, 3);
    let Ok(Reply(words)) = wraps(false).await else { panic!("it has begun") };
    assert_eq!(words.count().await, 3);
    for session in ["streams", "wraps"] {
        let traces = recording.traces_of(session);
        let trees: Vec<_> = traces.iter().map(|trace| agentops::testing::tree_of(trace)).collect();
        let message =
            "session `streams` has used 250 tokens of 200; raise its budget or end it earlier";
        let message = message.replace("streams", session);
        let thoughts = "  llm think\n".repeat(5);
        assert_eq!(trees[0], format!("session {session} error=\"Budget(Tokens)\"\n{thoughts}"));
        let cancelled = "  llm endless_words cancelled\n".to_owned() + &"    llm think\n".repeat(4);
        // The session that is a stream itself fails; of the other its function was well.
        let failed = match session {
            "streams" => format!(" error=\"{message}\""),
            _ => String::new(),
        };
        assert_eq!(trees[1], format!("session {session}{failed}\n  llm think\n{cancelled}"));
    }
    assert_eq!(told_of("wraps"), [Limit::Tokens; 2]);
}

#[tokio::test]
async fn session_handle_ends_a_stream_at_its_budget() {
    let recording = recording();
    let budget = Budget::new().tokens(100).policy(BudgetPolicy::Cancel);
    let words = {
        let session = Session::builder("travels").budget(budget).start();
        session.instrument_stream(stream::repeat_with(|| think(40)))
    };
    assert_eq!(words.count().await, 3);
    let message =
        "session `travels` has used 150 tokens of 100; raise its budget or end it earlier";
    assert_eq!(
        recording.tree_of("travels"),
        format!("session travels error=\"{message}\"\n") + &"  llm think\n".repeat(3)
    );
    let root = recording.span_of("travels", "travels");
    assert_eq!(attribute(&root, "agentops.session.end_state"), Some("Failure".into()));
}

#[tokio::test]
async fn waiting_stream_ends_when_its_session_is_cancelled() {
    type Words = Carried<stream::Pending<u8>>;
    #[session(budget(tokens = 100, policy = Cancel))]
    async fn hands_on(sender: oneshot::Sender<Words>) -> Result<(), BudgetExceeded> {
        assert!(sender.send(stream::pending().in_current_session()).is_ok());
        tokio::task::yield_now().await;
        think(200);
        std::future::pending().await
    }
    let recording = recording();
    let (sender, receiver) = oneshot::channel::<Words>();
    let counts = async { receiver.await.expect("it is sent").count().await };
    let (ends, words) = tokio::join!(hands_on(sender), counts);
    assert_eq!((ends.map_err(|exceeded| exceeded.limit()), words), (Err(Limit::Tokens), 0));
    assert_eq!(recording.tree_of("hands_on").lines().nth(1), Some("  llm think"));
}

#[tokio::test]
async fn time_budget_ends_an_unwoken_future() {
    #[session(budget(seconds = 0.02, policy = Cancel))]
    async fn hangs() -> Result<(), BudgetExceeded> {
        endless().await;
        Ok(())
    }
    let recording = recording();
    let exceeded = hangs().await.expect_err("it would never end");
    assert_eq!((exceeded.session(), exceeded.limit()), ("hangs", Limit::Duration));
    assert_eq!(recording.tree_of("hangs").lines().nth(1), Some("  tool endless cancelled"));
    assert_eq!(told_of("hangs"), [Limit::Duration]);
}

#[tokio::test]
async fn session_handle_cancels_its_work() {
    let recording = recording();
    let budget = Budget::new().duration(Duration::from_millis(20));
    let session = Session::builder("cancels").budget(budget.policy(BudgetPolicy::Cancel)).start();
    let run = session.run(endless()).await;
    assert_eq!(run.map_err(|exceeded| exceeded.limit()), Err(Limit::Duration));
    session.end(EndState::Failure);
    let ample = Budget::new().duration(Duration::from_secs(600)).policy(BudgetPolicy::Cancel);
    let quick = Session::builder("is quick").budget(ample).start();
    assert_eq!(quick.run(async { 7 }).await, Ok(7));
    quick.end(EndState::Success);
    let only_told = Session::builder("is told").budget(Budget::new().tokens(1)).start();
    let run = only_told.run(async {
        think(5);
        tokio::task::yield_now().await;
        8
    });
    assert_eq!(run.await, Ok(8));
    only_told.end(EndState::Success);
    assert_eq!(told_of("is told"), [Limit::Tokens]);
    assert!(told_of("is quick").is_empty());
    assert_eq!(recording.tree_of("cancels").lines().count(), 2);
}

#[tokio::test]
async fn inner_session_is_cancelled_by_its_own_budget() {
    #[session(budget(tokens = 1_000_000, policy = Cancel))]
    async fn inner() -> Result<u8, BudgetExceeded> {
        tokio::task::yield_now().await;
        Ok(1)
    }
    #[session(budget(tokens = 100, policy = Cancel))]
    async fn outer() -> Result<u8, BudgetExceeded> {
        think(200);
        // Polled once without a wait of the outer one.
        let mut inner = Box::pin(inner());
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(inner.as_mut().poll(&mut task).is_pending());
        let polled = inner.as_mut().poll(&mut task);
        assert!(matches!(polled, std::task::Poll::Ready(Ok(1))));
        Ok(2)
    }
    recording();
    assert_eq!(outer().await.unwrap(), 2);
}
