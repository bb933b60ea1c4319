//! A service by axum: each request is a session, beside a log with a filter and an OpenTelemetry layer of the
//! program's own; a task in the background outlives its request.
//!
//! ```text
//! RUST_LOG=info cargo run --manifest-path examples/service/Cargo.toml
//! ```
//!
//! It serves itself two requests on a free port of this machine, and ends.

use std::{error::Error, net::SocketAddr, sync::Arc};

use agentops::{
    TracingConfig, TracingCore, agent, opentelemetry::trace::TracerProvider, session, tool,
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tracing::{info, info_span};
use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

#[derive(Debug, Deserialize, Serialize)]
struct Question {
    text: String,
    password: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Answer {
    text: String,
    access_token: String,
}

/// What the requests share.
#[derive(Debug)]
struct Service {
    /// Says to the jobs in the background that their requests are answered.
    answered: Notify,
    jobs: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

/// Answers a question: the session of a request, which goes on in its caller's if that has one.
async fn answer(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Result<Json<Answer>, StatusCode> {
    let place = agentops::extract(&headers);
    let request = info_span!("POST /answer");
    place
        .instrument(tracing::Instrument::instrument(chat(service, headers, question), request))
        .await
}

#[session(name = "answer", user_id = headers.get("x-user").and_then(|it| it.to_str().ok()))]
async fn chat(
    service: Arc<Service>,
    headers: HeaderMap,
    question: Question,
) -> Result<Json<Answer>, StatusCode> {
    info!("a question comes in");
    if question.text.is_empty() {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let job = agentops::spawn(learn(Arc::clone(&service), question.text.clone()));
    service.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(job);
    let text = think(&question.text).await;
    Ok(Json(Answer { text, access_token: "t-0815".to_owned() }))
}

/// Finds an answer.
#[agent]
async fn think(question: &str) -> String {
    look_up(question).await
}

/// Looks a word up.
#[tool]
async fn look_up(word: &str) -> String {
    tokio::task::yield_now().await;
    word.to_uppercase()
}

/// Runs when the answer is out.
async fn learn(service: Arc<Service>, text: String) {
    service.answered.notified().await;
    index(&text);
}

/// Keeps a question for later.
#[tool]
fn index(text: &str) -> usize {
    text.len()
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

/// Asks the service over the network.
fn ask(address: SocketAddr, text: &str) -> Result<String, ureq::Error> {
    let question = Question { text: text.to_owned(), password: "hunter2".to_owned() };
    let request = ureq::post(format!("http://{address}/answer"));
    let request = request.header("x-user", "ada").header("authorization", "Bearer hunter2");
    Ok(request.send_json(&question)?.body_mut().read_json::<Answer>()?.text)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let theirs = InMemorySpanExporter::default();
    let core = observe(&theirs)?;
    let service = Arc::new(Service { answered: Notify::new(), jobs: Vec::new().into() });
    let app = Router::new().route("/answer", post(answer)).with_state(Arc::clone(&service));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async { axum::serve(listener, app).await });

    let good = tokio::task::spawn_blocking(move || ask(address, "tea")).await?;
    println!("{}", good?);
    let bad = tokio::task::spawn_blocking(move || ask(address, "")).await?;
    println!("{}", bad.unwrap_or_else(|error| error.to_string()));
    service.answered.notify_waiters();
    let jobs = std::mem::take(
        &mut *service.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
    );
    for job in jobs {
        job.await?;
    }
    server.abort();

    let mut names: Vec<_> =
        theirs.get_finished_spans()?.into_iter().map(|span| span.name).collect();
    names.sort();
    println!("theirs: {}", names.join(", "));
    let stats = core.shutdown_async().await?;
    println!(
        "ours: {} sent, {} late, {} outside of a session",
        stats.sent, stats.late, stats.orphans
    );
    Ok(())
}
