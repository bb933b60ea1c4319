//! An endpoint that does not answer neither slows nor breaks the program; shutdown says what was lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::TcpListener, sync::mpsc, thread, time::Duration};

use agentops::{TracingConfig, TracingCore, session, tool, tracing};
use agentops_tests::{collector::closed_port, log};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[tool]
fn tick() {}

#[session]
fn work() {
    for _ in 0..99 {
        tick();
    }
}

fn core_for(endpoint: &str, shutdown_timeout: Duration) -> TracingCore {
    let builder =
        TracingConfig::builder().exporter_endpoint(endpoint).max_wait_time(Duration::ZERO);
    TracingCore::new(builder.shutdown_timeout(shutdown_timeout).build().unwrap()).unwrap()
}

fn run_under(core: &TracingCore) {
    let subscriber = registry().with(agentops::layer(core)).with(log::Log);
    tracing::subscriber::with_default(subscriber, work);
}

#[test]
fn a_closed_port_costs_the_spans_and_shutdown_says_so() {
    let endpoint = closed_port();
    let core = core_for(&endpoint, Duration::from_secs(30));
    run_under(&core);
    let error = core.shutdown().unwrap_err();
    let said = error.to_string();
    let expected = format!(
        "100 of 100 spans were not delivered: 100 failed; `{endpoint}/v1/traces` does not answer: "
    );
    assert!(said.starts_with(&expected), "{said}");
    let stats = error.stats();
    assert_eq!(
        [stats.started, stats.ended, stats.failed, stats.queued, stats.sent],
        [100, 100, 100, 0, 0]
    );
}

#[test]
fn a_hanging_endpoint_holds_neither_the_program_nor_its_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (release, released) = mpsc::channel::<()>();
    let hanging = thread::spawn(move || {
        let connection = listener.accept().unwrap();
        // Holds the connection open, without an answer, until the program is through.
        released.recv().unwrap();
        drop(connection);
    });
    let core = core_for(&endpoint, Duration::from_millis(200));
    run_under(&core);
    let error = core.shutdown().unwrap_err();
    assert_eq!(error.undelivered(), 100);
    let stats = error.stats();
    assert_eq!(stats.sent + stats.dropped + stats.failed + stats.queued, stats.ended);
    release.send(()).unwrap();
    hanging.join().unwrap();
}
