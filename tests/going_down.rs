//! A thread that is going down records nothing, and harms nobody: destructors of thread-locals that call whatever there is.
//!
//! Each case is a process: what goes wrong there aborts it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

use std::{cell::RefCell, env, thread};

use agentops::{
    Agent, Session, SessionContext, SessionExt, SessionGuard, TracingConfig, TracingCore, current,
    current_session, inject,
    opentelemetry::{Context, trace::TracerProvider},
    opentelemetry_sdk::trace::SdkTracerProvider,
    session, suppress, tool,
    tracing::{self, info_span},
};
use agentops_tests::process::{part, play};
use tracing_subscriber::{layer::SubscriberExt, registry, util::SubscriberInitExt};

#[tool]
fn step(n: u8) -> u8 {
    n
}

#[session]
fn run() {
    step(1);
}

#[session]
async fn run_async() {
    step(1);
}

/// Does everything when it is dropped.
struct Cleanup(&'static str);

impl Drop for Cleanup {
    fn drop(&mut self) {
        step(2);
        run();
        futures_util::future::FutureExt::now_or_never(run_async().in_session());
        current().set_attribute("k", 1).set_output(&1).event("e");
        let session = Session::start("cleanup");
        session.in_scope(|| step(3));
        session.in_scope(|| Agent::start("agent").in_scope(|| step(4)));
        let handed = SessionContext::current();
        let attached = handed.attach();
        step(5);
        drop(attached);
        suppress(|| step(6));
        thread::spawn(move || handed.in_scope(|| step(7))).join().unwrap();
        let mut headers = http::HeaderMap::new();
        inject(&mut headers);
        agentops::extract(&headers).in_scope(|| step(8));
        assert!(current_session().is_none());
        println!("{} is clean", self.0);
    }
}

thread_local! {
    static FIRST: RefCell<Option<Cleanup>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Cleanup>> = const { RefCell::new(None) };
    static ATTACHED: RefCell<Option<SessionGuard>> = const { RefCell::new(None) };
    static OPEN: RefCell<Option<Session>> = const { RefCell::new(None) };
}

fn set_first() {
    FIRST.set(Some(Cleanup("first")));
}

fn set_last() {
    LAST.set(Some(Cleanup("last")));
}

/// The orders in which the thread-locals of a thread may begin.
fn on_a_thread(order: &str) {
    match order {
        "nothing" => set_first(),
        "before" => {
            set_first();
            run();
        }
        "after" => {
            run();
            set_last();
        }
        "between" => {
            step(0);
            set_first();
            run();
            set_last();
        }
        "inside" => Session::start("outer").in_scope(|| {
            set_first();
            step(0);
        }),
        "foreign" => {
            set_first();
            Context::current();
            info_span!("theirs").in_scope(|| tracing::info!("event"));
        }
        "bare" => {
            set_first();
            drop(Context::new().attach());
        }
        "held" => {
            set_first();
            ATTACHED.set(Some(Session::start("held").in_scope(SessionContext::current).attach()));
            OPEN.set(Some(Session::start("open")));
            OPEN.with_borrow(|open| open.as_ref().unwrap().in_scope(|| step(0)));
        }
        other => panic!("{other}"),
    }
}

const ORDERS: [&str; 8] =
    ["nothing", "before", "after", "between", "inside", "foreign", "bare", "held"];

/// Layers that have thread-locals of their own.
fn beside_others() -> TracingCore {
    let config = TracingConfig::builder().local_dir(env::temp_dir().join("going-down"));
    let core = TracingCore::new(config.console(false).build().unwrap()).unwrap();
    let theirs = SdkTracerProvider::builder().build().tracer("theirs");
    registry()
        .with(tracing_opentelemetry::layer().with_tracer(theirs))
        .with(agentops::layer(&core))
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink))
        .init();
    core
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let part = part();
    let (setup, order) = part.split_once(' ').unwrap();
    let core = (setup == "beside").then(beside_others);
    let guard = (setup == "init").then(|| agentops::init().unwrap());
    // Where this is the test's thread, the process goes on after it.
    let order = order.to_owned();
    thread::spawn(move || on_a_thread(&order)).join().unwrap();
    drop(guard);
    if let Some(core) = core {
        core.shutdown().unwrap();
    }
    println!("main returns");
}

#[test]
fn destructors_may_call_anything() {
    let folder = tempfile::tempdir().unwrap();
    let variables =
        [("AGENTOPS_LOCAL_DIR", folder.path().to_str().unwrap()), ("AGENTOPS_CONSOLE", "off")];
    for setup in ["init", "beside", "none"] {
        for order in ORDERS {
            let output = play(&format!("{setup} {order}"), &variables);
            let said = String::from_utf8_lossy(&output.stdout);
            let complained = String::from_utf8_lossy(&output.stderr);
            // Where agentops has not begun, there is no hook of its own that could keep a panic to itself.
            let is_silent = setup == "none" || !complained.contains("panicked");
            let is_clean = output.status.success()
                && said.contains("is clean")
                && said.contains("main returns")
                && is_silent;
            assert!(is_clean, "{setup} {order}: {:?}\n{said}\n{complained}", output.status);
        }
    }
}
