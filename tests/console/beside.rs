//! Beside tokio-console: it sees every task, and we record the session, whoever comes first.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::Ipv4Addr, time::Duration};

use agentops::{SessionExt, agent, session, tool};
use agentops_tests::Recording;
use console_api::{
    Field,
    field::Value,
    instrument::{InstrumentRequest, instrument_client::InstrumentClient},
};
use console_subscriber::{ConsoleLayer, Server, ServerParts};
use tokio::{net::TcpListener, runtime, task, time::timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport;
use tracing::dispatcher::{Dispatch, with_default};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[tool]
async fn look_up(word: &str) -> usize {
    task::yield_now().await;
    word.len()
}

#[agent]
async fn plan() -> usize {
    let name = |name| task::Builder::new().name(name);
    let carried = name("carried").spawn(look_up("tea").in_current_session()).unwrap();
    carried.await.unwrap() + look_up("coffee").await
}

#[session]
async fn chat() -> usize {
    plan().await
}

const TREE: &str = "\
session chat
  agent plan
    tool look_up
    tool look_up
";

#[test]
fn console_subscriber_sees_tasks_and_changes_nothing() {
    for comes_first in [true, false] {
        let recording = Recording::new(|builder| builder);
        let (console, server) = ConsoleLayer::builder().build();
        let core = &recording.core;
        // It is asked afterwards, so it has to stay.
        let both = if comes_first {
            Dispatch::new(registry().with(console).with(agentops::layer(core)))
        } else {
            Dispatch::new(registry().with(agentops::layer(core)).with(console))
        };
        with_default(&both, program);
        here().block_on(sees(server, "carried"));
        let [spans] = &recording.traces_of("chat")[..] else { panic!("one session") };
        assert_eq!(agentops::testing::tree_of(spans), TREE);
        let stats = recording.core.stats();
        assert_eq!((stats.orphans, stats.late), (0, 0));
    }
}

fn program() {
    assert_eq!(here().block_on(chat()), 9);
}

fn here() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Asks the console, as `tokio-console` does, until it tells of a task of this name.
async fn sees(server: Server, name: &str) {
    let ServerParts { instrument_server, aggregator, .. } = server.into_parts();
    task::spawn(aggregator.run());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = transport::Server::builder().add_service(instrument_server);
    task::spawn(router.serve_with_incoming(TcpListenerStream::new(listener)));
    let mut client = InstrumentClient::connect(address).await.unwrap();
    let updates = client.watch_updates(InstrumentRequest {}).await.unwrap();
    let mut updates = updates.into_inner();
    loop {
        let next = timeout(Duration::from_secs(60), updates.message());
        let update = next.await.expect("an update comes each second").unwrap().unwrap();
        let tasks = update.task_update.into_iter().flat_map(|update| update.new_tasks);
        if tasks.flat_map(|task| task.fields).any(|field| says(&field, name)) {
            return;
        }
    }
}

fn says(field: &Field, text: &str) -> bool {
    matches!(&field.value, Some(Value::StrVal(said) | Value::DebugVal(said)) if said == text)
}
