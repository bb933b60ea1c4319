//! Cost of a burst until it has arrived, and its losses: each way of recording in a process of its own, against a
//! sink in another.
//!
//! ```text
//! delivery [SPANS]    default 100,000, once in each of five rounds, the ways by turns
//! ```

use std::{
    borrow::Cow,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use agentops::{Overflow, Session, TracingConfig};
use agentops_benches::work::{fast, instrument, ours};
use fastrace::collector::{Config, SpanContext};
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde_json::{Value, json};
use tracing::{info_span, subscriber::set_global_default};
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// A way of recording: it produces so many spans for an endpoint and delivers them; how long the first took.
type Way = fn(u64, &str) -> Duration;

const WAYS: [(&str, Way); 5] = [
    ("agentops, defaults", |spans, endpoint| with_ours(spans, endpoint, Overflow::Drop)),
    ("agentops, waiting for room", |spans, endpoint| {
        with_ours(spans, endpoint, Overflow::Block(Duration::from_secs(60)))
    }),
    ("default layer and batch processor", |spans, endpoint| {
        with_sdk(spans, endpoint, BatchConfigBuilder::default())
    }),
    ("the same, queue of 131,072, batches of 2,048", |spans, endpoint| {
        let config = BatchConfigBuilder::default().with_max_queue_size(131_072);
        with_sdk(spans, endpoint, config.with_max_export_batch_size(2_048))
    }),
    ("fastrace", with_fastrace),
];

const ROUNDS: usize = 5;

fn with_ours(spans: u64, endpoint: &str, overflow: Overflow) -> Duration {
    let config = TracingConfig::builder().exporter_endpoint(endpoint).overflow(overflow);
    let config = config.shutdown_timeout(Duration::from_secs(60)).build().expect("it can be built");
    let guard = agentops::init_with(config).expect("it starts");
    let began = Instant::now();
    let session = Session::start("burst");
    session.in_scope(|| produce(spans - 1, ours::with_4));
    session.end(agentops::EndState::Success);
    let produced = began.elapsed();
    let _ = guard.shutdown();
    produced
}

fn with_sdk(spans: u64, endpoint: &str, config: BatchConfigBuilder) -> Duration {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .expect("it can be built");
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(config.build()).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("peer"));
    set_global_default(Registry::default().with(layer)).expect("it is the first");
    let began = Instant::now();
    info_span!("burst").in_scope(|| produce(spans - 1, instrument::with_4));
    let produced = began.elapsed();
    let _ = provider.shutdown_with_timeout(Duration::from_secs(60));
    produced
}

fn with_fastrace(spans: u64, endpoint: &str) -> Duration {
    let builder = otlp_of_fastrace::SpanExporter::builder().with_http();
    let exporter = otlp_of_fastrace::WithExportConfig::with_endpoint(builder, endpoint);
    let exporter = exporter.build().expect("it can be built");
    let resource = Cow::Owned(sdk_of_fastrace::Resource::builder().build());
    let scope = Default::default();
    let reporter = OpenTelemetryReporter::new(exporter, resource, scope);
    fastrace::set_reporter(reporter, Config::default());
    let began = Instant::now();
    let root = fastrace::Span::root("burst", SpanContext::random());
    let entered = root.set_local_parent();
    produce(spans - 1, fast::with_4);
    drop(entered);
    drop(root);
    let produced = began.elapsed();
    fastrace::flush();
    produced
}

fn produce(spans: u64, work: impl Fn(i64) -> i64) {
    (0..spans).for_each(|n| _ = work(n as i64));
}

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["sink"] => sink(),
        ["run", way, spans, endpoint] => {
            let way = WAYS[way.parse::<usize>().expect("the number of a way")].1;
            run(way, spans.parse().expect("a whole number"), endpoint);
        }
        [] => compare(100_000),
        [spans] if spans.parse::<u64>().is_ok_and(|spans| spans > 0) => {
            compare(spans.parse().expect("it was read before"));
        }
        _ => {
            eprintln!("usage: delivery [SPANS]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Takes requests and counts what is in them; says its address first, and the sums whenever it is asked.
fn sink() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    println!("{}", listener.local_addr().expect("an address"));
    let sums: Arc<[AtomicU64; 2]> = Arc::default();
    let counting = Arc::clone(&sums);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sums = Arc::clone(&counting);
            // The client may go away at any time.
            thread::spawn(move || serve(stream, &sums));
        }
    });
    for _ in std::io::stdin().lines() {
        let [spans, bytes] = [0, 1].map(|at| sums[at].load(Ordering::SeqCst));
        println!("{spans} {bytes}");
    }
}

fn serve(stream: TcpStream, [spans, bytes]: &[AtomicU64; 2]) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.to_ascii_lowercase();
        let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length?.trim().parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        spans.fetch_add(count(&body, &SPANS)?, Ordering::SeqCst);
        bytes.fetch_add(body.len() as u64, Ordering::SeqCst);
        writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}

/// Requests hold resources, those scopes, those spans: the numbers of their fields.
const SPANS: [u32; 3] = [1, 2, 2];

/// Counts messages in messages. To read all of them would take longer than to send them, on the processors
/// that are measured.
fn count(mut message: &[u8], path: &[u32]) -> Option<u64> {
    let Some((field, below)) = path.split_first() else { return Some(1) };
    let mut sum = 0;
    while !message.is_empty() {
        let (number, form) = decode_key(&mut message).ok()?;
        if form != WireType::LengthDelimited {
            skip_field(form, number, &mut message, DecodeContext::default()).ok()?;
            continue;
        }
        let length = decode_varint(&mut message).ok()?;
        let (inside, rest) = message.split_at_checked(length as usize)?;
        if number == *field {
            sum += count(inside, below)?;
        }
        message = rest;
    }
    Some(sum)
}

fn run(way: Way, spans: u64, endpoint: &str) {
    let began = Instant::now();
    let produced = way(spans, endpoint);
    let all = began.elapsed();
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let ticks: Vec<u64> = stat
        .rsplit(") ")
        .next()
        .expect("Linux")
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse().expect("a number"))
        .collect();
    let told = json!({
        "produced_ms": produced.as_secs_f64() * 1e3,
        "all_ms": all.as_secs_f64() * 1e3,
        "peak_mib": peak as f64 / 1024.0,
        "cpu_ms": (ticks[0] + ticks[1]) * 10,
    });
    println!("{told}");
}

/// A sink in a process of its own.
struct Sink(Child, BufReader<std::process::ChildStdout>);

impl Sink {
    fn start() -> (Self, String) {
        let mut child = this("sink", &[]);
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut address = String::new();
        out.read_line(&mut address).expect("it says its address");
        (Self(child, out), format!("http://{}/v1/traces", address.trim()))
    }

    fn sums(&mut self) -> [u64; 2] {
        let input = self.0.stdin.as_mut().expect("piped");
        input.write_all(b"?\n").expect("it listens");
        let mut line = String::new();
        self.1.read_line(&mut line).expect("it answers");
        let mut sums = line.split_whitespace().map(|sum| sum.parse().expect("a number"));
        [(); 2].map(|()| sums.next().expect("two numbers"))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn this(mode: &str, args: &[&str]) -> Child {
    Command::new(env::current_exe().expect("this program"))
        .arg(mode)
        .args(args)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts again")
}

fn compare(spans: u64) {
    let mut told: Vec<Vec<[f64; 6]>> = vec![Vec::new(); WAYS.len()];
    for _ in 0..ROUNDS {
        for (number, told) in told.iter_mut().enumerate() {
            told.push(one(number, spans));
        }
    }
    println!(
        "{spans} spans in a burst, medians of {ROUNDS} rounds\n{:46} {:>9} {:>9} {:>7} {:>9} {:>10} {:>9}",
        "", "produced", "and sent", "lost", "peak MiB", "bytes/span", "CPU/span"
    );
    for ((name, _), told) in WAYS.iter().zip(&told) {
        let [produced, all, lost, peak, bytes, cpu] = [0, 1, 2, 3, 4, 5].map(|at| median(told, at));
        println!(
            "{name:46} {produced:>6.0} ms {all:>6.0} ms {lost:>5.1} % {peak:>9.0} {bytes:>10.0} {cpu:>6.2} µs"
        );
    }
}

fn one(way: usize, spans: u64) -> [f64; 6] {
    let (mut sink, endpoint) = Sink::start();
    let child = this("run", &[&way.to_string(), &spans.to_string(), &endpoint]);
    let output = child.wait_with_output().expect("it ends");
    let told: Value = serde_json::from_slice(&output.stdout).expect("what it took");
    let number = |key: &str| told[key].as_f64().expect("a number");
    let [received, bytes] = sink.sums();
    [
        number("produced_ms"),
        number("all_ms"),
        (spans.saturating_sub(received)) as f64 * 100.0 / spans as f64,
        number("peak_mib"),
        bytes as f64 / received.max(1) as f64,
        number("cpu_ms") * 1e3 / spans as f64,
    ]
}

fn median(told: &[[f64; 6]], at: usize) -> f64 {
    let mut all: Vec<_> = told.iter().map(|it| it[at]).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
