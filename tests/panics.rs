//! The record of a panic: its text and its place, on every span that it passes, and no other panic's.
#![deny(clippy::pedantic)]

use std::{
    fmt,
    panic::{self, AssertUnwindSafe, catch_unwind, panic_any, resume_unwind},
    pin::{Pin, pin},
    sync::{Mutex, OnceLock, PoisonError},
    task::{Context, Poll, Waker},
    thread,
};

use agentops::{
    MaskedText, OrphanPolicy, Session, Tool, agent,
    opentelemetry::{Value, trace::Status},
    session, tool,
};
use agentops_tests::{Recording, attribute};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// The record of a panic on a span: the status, `error.type`, and of the one event the message and the place.
type Told = (Status, String, String, Option<(String, i64, i64)>);

const LINE: i64 = line!() as i64 + 3;

fn burst(message: &str) {
    panic!("{message}");
}

fn told(message: &str, place: Option<(i64, i64)>) -> Told {
    let place = place.map(|(line, column)| (file!().to_owned(), line, column));
    (Status::error(message.to_owned()), "panic".to_owned(), message.to_owned(), place)
}

/// The record of a panic that `burst` raised.
fn boom(message: &str) -> Told {
    told(message, Some((LINE, 5)))
}

static HOOKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Sets the program's own hook before agentops starts; it prints nothing and keeps the texts.
fn recording() -> &'static Recording {
    static HOOK: OnceLock<()> = OnceLock::new();
    HOOK.get_or_init(|| {
        panic::set_hook(Box::new(|info| {
            let mut hooked = HOOKED.lock().unwrap_or_else(PoisonError::into_inner);
            hooked.push(info.to_string());
        }));
    });
    Recording::global_with(|builder| {
        builder.mask(|it: &MaskedText<'_>| {
            it.text.contains("hunter2").then(|| it.text.replace("hunter2", "***"))
        })
    })
}

fn of(session: &str, name: &str) -> Told {
    let span = recording().span_of(session, name);
    assert_eq!(span.events.len(), 1, "{:?}", span.events);
    let in_event = |key: &str| {
        let found = span.events[0].attributes.iter().find(|it| it.key.as_str() == key);
        found.map(|it| it.value.clone())
    };
    let number = |key| match in_event(key) {
        Some(Value::I64(number)) => number,
        other => panic!("{key} is {other:?}"),
    };
    let place = in_event("code.file.path")
        .map(|file| (file.to_string(), number("code.line.number"), number("code.column.number")));
    let text = |value: Option<Value>| value.map(|it| it.to_string()).unwrap_or_default();
    assert_eq!(text(in_event("exception.type")), "panic");
    let kind = text(attribute(&span, "error.type"));
    (span.status.clone(), kind, text(in_event("exception.message")), place)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn panic_is_recorded_on_every_span_it_passes() {
    #[tool]
    fn innermost() {
        burst("boom");
    }
    #[agent]
    fn between() {
        innermost();
    }
    #[session]
    fn passes() {
        between();
    }
    recording();
    let payload = catch_unwind(passes).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "boom");
    assert_eq!(
        ["innermost", "between", "passes"].map(|it| of("passes", it)),
        [(); 3].map(|()| boom("boom"))
    );
    let hooked = HOOKED.lock().unwrap();
    let at = format!("panicked at {}:{LINE}:5:\nboom", file!());
    assert_eq!(hooked.iter().filter(|it| **it == at).count(), 1, "the program's own hook");
}

#[tokio::test]
async fn panic_in_an_async_function_is_recorded() {
    #[tool]
    async fn later() {
        tokio::task::yield_now().await;
        burst("boom later");
    }
    #[session]
    async fn passes_async() {
        later().await;
    }
    recording();
    tokio::spawn(passes_async()).await.unwrap_err();
    assert_eq!(
        ["later", "passes_async"].map(|it| of("passes_async", it)),
        [(); 2].map(|()| boom("boom later"))
    );
}

#[test]
fn outliving_future_keeps_its_own_panic() {
    struct Bursts;
    impl Future for Bursts {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            burst("in the future");
            Poll::Ready(())
        }
    }
    #[tool]
    fn deferred() -> impl Future<Output = ()> {
        Bursts
    }
    #[session]
    fn outlives() {
        let mut future = Box::pin(deferred());
        catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()))).unwrap_err();
        catch_unwind(|| burst("another")).unwrap_err();
        thread::spawn(move || drop(future)).join().unwrap();
    }
    recording();
    outlives();
    assert_eq!(of("outlives", "deferred"), boom("in the future"));
}

#[test]
fn panic_instead_of_a_future_is_recorded() {
    #[tool]
    fn early() -> BoxFuture<'static, ()> {
        burst("no future");
        Box::pin(std::future::ready(()))
    }
    #[session]
    fn has_no_future() {
        catch_unwind(|| drop(early())).unwrap_err();
    }
    recording();
    has_no_future();
    assert_eq!(of("has_no_future", "early"), boom("no future"));
}

#[test]
fn panicking_stream_is_recorded() {
    struct Bursts;
    impl Stream for Bursts {
        type Item = u8;
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
            burst("in the stream");
            Poll::Ready(None)
        }
    }
    #[tool]
    fn streams() -> impl Stream<Item = u8> {
        Bursts
    }
    #[session]
    fn flows() {
        let mut stream = Box::pin(streams());
        catch_unwind(AssertUnwindSafe(|| poll(pin!(stream.next())).is_ready())).unwrap_err();
        catch_unwind(|| burst("another")).unwrap_err();
    }
    recording();
    flows();
    assert_eq!(of("flows", "streams"), boom("in the stream"));
}

#[test]
fn handles_dropped_by_a_panic_record_it() {
    recording();
    catch_unwind(|| {
        let session = Session::start("held");
        session.in_scope(|| {
            let _tool = Tool::start("in hand");
            burst("dropped");
        });
    })
    .unwrap_err();
    assert_eq!(["held", "in hand"].map(|it| of("held", it)), [(); 2].map(|()| boom("dropped")));
}

#[tokio::test]
async fn instrumented_panic_outlives_its_handle() {
    recording();
    let bursts = async {
        tokio::task::yield_now().await;
        Tool::start("inside").instrument(async { burst("in the task") }).await;
    };
    tokio::spawn(Session::start("instruments").instrument(bursts)).await.unwrap_err();
    let streams = stream::repeat_with(|| burst("in an item"));
    let mut streams = Box::pin(Session::start("streams").instrument_stream(streams));
    catch_unwind(AssertUnwindSafe(|| poll(pin!(streams.next())).is_ready())).unwrap_err();
    catch_unwind(|| burst("another")).unwrap_err();
    drop(streams);
    let inside = ["instruments", "inside"].map(|it| of("instruments", it));
    assert_eq!(inside, [(); 2].map(|()| boom("in the task")));
    assert_eq!(of("streams", "streams"), boom("in an item"));
}

#[test]
fn session_of_one_call_records_its_panic() {
    #[tool]
    fn alone() {
        burst("alone");
    }
    #[tool]
    fn alone_later() -> BoxFuture<'static, ()> {
        Box::pin(std::future::poll_fn(|_| {
            burst("alone later");
            Poll::Ready(())
        }))
    }
    recording();
    let automatic = Recording::new(|it| it.orphan_policy(OrphanPolicy::AutoSession));
    tracing::subscriber::with_default(registry().with(agentops::layer(&automatic.core)), || {
        catch_unwind(alone).unwrap_err();
        let mut future = alone_later();
        catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut future)))).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| burst("another"))).unwrap_err();
        drop(future);
    });
    assert_eq!(
        ["alone", "alone_later"].map(|name| automatic.tree_of(name)),
        [
            "session alone error=\"alone\"\n  tool alone error=\"alone\"\n",
            "session alone_later error=\"alone later\"\n  tool alone_later error=\"alone later\"\n",
        ]
    );
}

#[test]
fn caught_panic_is_not_a_later_one() {
    #[tool]
    fn fails_anew() {
        catch_unwind(|| burst("caught")).unwrap_err();
        burst("later");
    }
    #[session]
    fn goes_on() {
        catch_unwind(|| burst("before the tool")).unwrap_err();
        catch_unwind(fails_anew).unwrap_err();
    }
    recording();
    goes_on();
    assert_eq!(of("goes_on", "fails_anew"), boom("later"));
}

#[test]
fn unseen_panic_has_unknown_text() {
    #[tool]
    fn resumes() {
        resume_unwind(Box::new("unseen"));
    }
    #[tool]
    fn of_another_thread() {
        let payload = thread::spawn(|| burst("elsewhere")).join().unwrap_err();
        resume_unwind(payload);
    }
    #[tool]
    fn resumes_its_own() {
        let payload = catch_unwind(|| burst("its own")).unwrap_err();
        resume_unwind(payload);
    }
    #[session]
    fn resumed() {
        catch_unwind(|| burst("before")).unwrap_err();
        for tool in [resumes, of_another_thread, resumes_its_own] {
            catch_unwind(tool).unwrap_err();
        }
    }
    recording();
    resumed();
    assert_eq!(of("resumed", "resumes"), told("panic", None));
    assert_eq!(of("resumed", "of_another_thread"), told("panic", None));
    assert_eq!(of("resumed", "resumes_its_own"), boom("its own"));
}

#[tokio::test]
async fn panic_of_another_task_is_not_recorded() {
    #[tool]
    async fn waits_then_resumes() {
        let other = tokio::spawn(async { burst("of the other task") });
        let payload = other.await.unwrap_err().into_panic();
        drop(payload);
        resume_unwind(Box::new("unseen"));
    }
    #[session]
    async fn beside() {
        let caught = AssertUnwindSafe(waits_then_resumes()).catch_unwind().await;
        caught.unwrap_err();
    }
    recording();
    beside().await;
    assert_eq!(of("beside", "waits_then_resumes"), told("panic", None));
}

#[test]
fn panic_without_text_records_its_place() {
    const LINE: i64 = line!() as i64 + 3;
    #[tool]
    fn throws() {
        panic_any(42);
    }
    #[session]
    fn wordless() {
        catch_unwind(throws).unwrap_err();
    }
    recording();
    wordless();
    assert_eq!(of("wordless", "throws"), told("panic", Some((LINE, 9))));
}

#[test]
fn long_panic_text_is_cut_and_masked() {
    #[tool]
    fn leaks() {
        burst("the password is hunter2");
    }
    #[tool]
    fn rambles() {
        burst(&"ä".repeat(1 << 20));
    }
    #[session]
    fn careful() {
        catch_unwind(leaks).unwrap_err();
        catch_unwind(rambles).unwrap_err();
    }
    recording();
    careful();
    assert_eq!(of("careful", "leaks"), boom("the password is ***"));
    assert_eq!(of("careful", "rambles"), boom(&("ä".repeat(2048) + "…[truncated]")));
}

#[test]
fn panic_during_capture_is_not_the_functions() {
    struct Bursts;
    impl fmt::Debug for Bursts {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            burst("in Debug");
            Ok(())
        }
    }
    #[tool]
    fn inner(_argument: Bursts) {}
    #[tool]
    fn outer() {
        inner(Bursts);
        resume_unwind(Box::new("unseen"));
    }
    #[session]
    fn captures() {
        catch_unwind(outer).unwrap_err();
    }
    recording();
    captures();
    assert_eq!(of("captures", "outer"), told("panic", None));
    let inner = recording().span_of("captures", "inner");
    assert_eq!((inner.status, inner.events.len()), (Status::Unset, 0));
}

#[test]
fn panic_during_unwinding_keeps_its_text() {
    struct Bursts;
    impl fmt::Debug for Bursts {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            burst("in Debug");
            Ok(())
        }
    }
    #[tool]
    fn cleans_up(_argument: Bursts) {}
    struct CleansUp;
    impl Drop for CleansUp {
        fn drop(&mut self) {
            cleans_up(Bursts);
        }
    }
    #[tool]
    fn fails() {
        let _cleans_up = CleansUp;
        burst("the cause");
    }
    #[session]
    fn meets() {
        catch_unwind(fails).unwrap_err();
    }
    recording();
    meets();
    assert_eq!(of("meets", "fails"), boom("the cause"));
    assert_eq!(recording().span_of("meets", "cleans_up").status, Status::Unset);
}

#[test]
fn panics_in_drops_are_told_apart() {
    struct Fails;
    impl Drop for Fails {
        fn drop(&mut self) {
            burst("in drop");
        }
    }
    #[tool]
    fn drops() {
        let _fails = Fails;
    }
    #[tool]
    fn fails_within() {
        burst("within");
    }
    struct Catches;
    impl Drop for Catches {
        fn drop(&mut self) {
            catch_unwind(fails_within).unwrap_err();
        }
    }
    #[tool]
    fn nests() {
        let _catches = Catches;
        burst("the outer one");
    }
    #[session]
    fn dropping() {
        catch_unwind(drops).unwrap_err();
        catch_unwind(nests).unwrap_err();
    }
    recording();
    dropping();
    assert_eq!(of("dropping", "drops"), boom("in drop"));
    assert_eq!(of("dropping", "fails_within"), boom("within"));
    assert_eq!(of("dropping", "nests"), boom("the outer one"));
}
