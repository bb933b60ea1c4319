//! A flush and a shutdown that are awaited leave the thread of their runtime to others: here to the collector
//! itself, without which neither could ever end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use agentops::{DeliveryError, Stats, TracingConfig, TracingCore, init_with, session, tool};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};
use tracing::subscriber::with_default;
use tracing_subscriber::{layer::SubscriberExt, registry};

const LONG: Duration = Duration::from_secs(60);

#[tool]
fn tick() {}

#[session]
fn work() {
    tick();
}

/// A runtime of one thread, which is that of the test.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Serves one connection after the other, as a task, and counts the requests with spans.
async fn serve(listener: TcpListener, requests: Arc<AtomicU64>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(stream, Arc::clone(&requests)));
    }
}

async fn answer(mut stream: TcpStream, requests: Arc<AtomicU64>) {
    let mut heard = Vec::new();
    while stream.read_buf(&mut heard).await.is_ok_and(|count| count > 0) {
        if length(&heard).is_some_and(|length| heard.len() >= length) {
            let is_of_spans = heard.starts_with(b"POST /v1/traces ");
            requests.fetch_add(u64::from(is_of_spans), Ordering::Relaxed);
            heard.clear();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    }
}

/// The length of a request, once its head is there.
fn length(heard: &[u8]) -> Option<usize> {
    let head = heard.windows(4).position(|end| end == b"\r\n\r\n")?;
    let lines = String::from_utf8_lossy(&heard[..head]).to_ascii_lowercase();
    let body = lines.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    Some(head + 4 + body.unwrap_or(0))
}

async fn collector() -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, requests) = (listener.local_addr().unwrap(), Arc::default());
    tokio::spawn(serve(listener, Arc::clone(&requests)));
    (address, requests)
}

fn config(address: SocketAddr, shutdown_timeout: Duration) -> TracingConfig {
    let builder = TracingConfig::builder().exporter_endpoint(format!("http://{address}"));
    builder.console(false).shutdown_timeout(shutdown_timeout).build().unwrap()
}

fn assert_send<T: Send>(it: T) -> T {
    it
}

#[test]
fn awaited_flush_lets_the_same_thread_run() {
    runtime().block_on(async {
        let (address, requests) = collector().await;
        let core = TracingCore::new(config(address, LONG)).unwrap();
        with_default(registry().with(agentops::layer(&core)), work);
        assert!(assert_send(core.flush_async()).await.is_ok());
        assert_eq!(requests.load(Ordering::Relaxed), 1);
        with_default(registry().with(agentops::layer(&core)), work);
        let stats: Result<Stats, DeliveryError> = assert_send(core.shutdown_async()).await;
        assert_eq!((stats.unwrap().sent, requests.load(Ordering::Relaxed)), (4, 2));
    });
}

#[test]
fn guard_shutdown_can_be_awaited() {
    runtime().block_on(async {
        let (address, requests) = collector().await;
        let guard = init_with(config(address, LONG)).unwrap();
        work();
        assert!(assert_send(guard.flush_async()).await.is_ok());
        work();
        assert_eq!(assert_send(guard.shutdown_async()).await.unwrap().sent, 4);
        assert_eq!(requests.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn awaited_shutdown_ends_with_its_timeout() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = config(listener.local_addr().unwrap(), Duration::from_millis(100));
        let core = TracingCore::new(config).unwrap();
        with_default(registry().with(agentops::layer(&core)), work);
        let flushed = tokio::time::timeout(LONG, core.flush_async()).await.unwrap();
        assert_eq!(flushed.unwrap_err().undelivered(), 2);
        let shut_down = tokio::time::timeout(LONG, core.shutdown_async()).await.unwrap();
        assert_eq!(shut_down.unwrap_err().undelivered(), 2);
    });
}
