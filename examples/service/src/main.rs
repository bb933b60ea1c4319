//! A service by axum: each request is a session, beside a log with a filter and an OpenTelemetry layer of the
//! program's own; answers are streamed, and tasks in the background outlive their requests.
//!
//! ```text
//! RUST_LOG=info cargo run --manifest-path examples/service/Cargo.toml
//! ```
//!
//! It serves itself some requests on a free port of this machine, and ends. With an address it serves that until
//! Ctrl-C:
//!
//! ```text
//! cargo run --manifest-path examples/service/Cargo.toml -- 127.0.0.1:3000
//! curl -N -d 'why is tea green' http://127.0.0.1:3000/rooms/7/sse
//! ```

use std::{
    env,
    error::Error,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use agentops::{Budget, TracingConfig, TracingCore, opentelemetry::trace::TracerProvider};
use agentops_service::{
    answer::{Answer, Question, Service},
    app,
};
use axum::Router;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tokio::{
    net::TcpListener,
    task::{spawn_blocking, yield_now},
};
use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let theirs = InMemorySpanExporter::default();
    let core = observe(&theirs)?;
    let service = Arc::<Service>::default();
    let app = app(Arc::clone(&service), Budget::new().tokens(10));
    match env::args().nth(1) {
        Some(address) => serve(&address, app).await?,
        None => show(&service, app).await?,
    }
    let mut names: Vec<_> =
        theirs.get_finished_spans()?.into_iter().map(|span| span.name).collect();
    names.sort();
    names.dedup();
    println!("theirs: {}", names.join(", "));
    let stats = core.shutdown_async().await?;
    println!(
        "ours: {} sent, {} late, {} outside of a session",
        stats.sent, stats.late, stats.orphans
    );
    Ok(())
}

/// Beside the log, whose filter hides what is below `info`, and a layer whose spans go to an exporter of its own.
fn observe(theirs: &InMemorySpanExporter) -> Result<TracingCore, Box<dyn Error>> {
    let core = TracingCore::new(TracingConfig::from_env()?)?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let provider = SdkTracerProvider::builder().with_simple_exporter(theirs.clone()).build();
    let open_telemetry = tracing_opentelemetry::layer().with_tracer(provider.tracer("service"));
    registry().with(open_telemetry).with(log).with(agentops::layer(&core)).try_init()?;
    Ok(core)
}

/// Serves whoever asks, until Ctrl-C.
async fn serve(address: &str, app: Router) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served,
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// Serves itself.
async fn show(service: &Service, app: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async { axum::serve(listener, app).await });
    spawn_blocking(move || ask_all(address)).await??;
    service.finish().await?;
    // The server notices in its own time that a client has hung up.
    while !agentops::sessions().is_empty() {
        yield_now().await;
    }
    server.abort();
    Ok(())
}

fn ask_all(address: SocketAddr) -> io::Result<()> {
    for text in ["tea", ""] {
        println!("{}", ask(address, text).unwrap_or_else(|error| error.to_string()));
    }
    for room in ["/rooms/7/sse", "/rooms/7/body", "/rooms/7/channel", "/sse"] {
        println!("{room}: {}", chat(address, room, "why is tea green")?);
    }
    hang_up(address, "/rooms/7/sse", "why …")
}

/// Asks the service over the network.
fn ask(address: SocketAddr, text: &str) -> Result<String, ureq::Error> {
    let question = Question { text: text.to_owned(), password: "hunter2".to_owned() };
    let request = ureq::post(format!("http://{address}/answer"));
    let request = request.header("x-user", "ada").header("authorization", "Bearer hunter2");
    Ok(request.send_json(&question)?.body_mut().read_json::<Answer>()?.text)
}

/// Chats, and gives the whole answer in one line.
fn chat(address: SocketAddr, room: &str, question: &str) -> io::Result<String> {
    let mut response =
        ureq::post(format!("http://{address}{room}")).send(question).map_err(io::Error::other)?;
    let answer = response.body_mut().read_to_string().map_err(io::Error::other)?;
    Ok(answer.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Hangs up as soon as the first word is there.
fn hang_up(address: SocketAddr, room: &str, question: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST {room} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{question}",
        question.len()
    )?;
    let mut lines = BufReader::new(stream).lines();
    let first = lines.find(|line| line.as_ref().map_or(true, |line| line.starts_with("data:")));
    println!("{room}: {}, and hung up", first.transpose()?.unwrap_or_default().trim());
    Ok(())
}
