//! An endpoint that does not answer neither slows nor breaks the program; shutdown says what was lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

use agentops::{
    TracingConfig, TracingCore,
    opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SpanData, SpanExporter},
    },
    session, tool, tracing,
};
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
fn closed_port_costs_the_spans_and_is_reported() {
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
fn hanging_endpoint_blocks_neither_program_nor_shutdown() {
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
    let said = error.to_string();
    let (problem, waited) = said.rsplit_once(" within ").unwrap();
    let expected = format!("; `{endpoint}/v1/traces` gave no answer");
    assert!(problem.ends_with(&expected), "{said}");
    assert!(waited.ends_with(" s; the endpoint may have received them"), "{said}");
    let stats = error.stats();
    assert_eq!(stats.sent + stats.dropped + stats.failed + stats.queued, stats.ended);
    release.send(()).unwrap();
    hanging.join().unwrap();
}

/// An exporter that holds a batch until it is told to go on.
#[derive(Debug)]
struct Holding(Mutex<mpsc::Receiver<()>>);

impl SpanExporter for Holding {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().recv().unwrap();
        Ok(())
    }
}

#[test]
fn hanging_exporter_is_named_by_flush_and_shutdown() {
    let (release, released) = mpsc::channel();
    let config = TracingConfig::builder().exporter(Holding(Mutex::new(released))).console(false);
    let config = config.shutdown_timeout(Duration::from_millis(100)).build().unwrap();
    let core = TracingCore::new(config).unwrap();
    run_under(&core);
    for error in [core.flush().unwrap_err(), core.shutdown().unwrap_err()] {
        let said = error.last_error().unwrap();
        assert!(said.starts_with("the exporter has not returned for "), "{said}");
        assert!(said.ends_with(" s; it may have taken them"), "{said}");
        assert_eq!(error.undelivered(), 100);
    }
    release.send(()).unwrap();
}
