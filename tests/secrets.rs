//! Keys, tokens and passwords are shown nowhere: not by `Debug`, in no log, in no error, in no file.
//!
//! A program in a process of its own delivers with every kind of secret to a far side that repeats what it was
//! told, logs all that it and its libraries say, and prints what can be printed. All secrets begin alike.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a part prints, and a test fails")]

use std::{
    fs,
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use agentops::{TracingConfig, TracingCore, session, tool};
use agentops_tests::{
    collector::read_request,
    process::{files_below, part, play},
};
use tracing::{level_filters::LevelFilter, subscriber::set_global_default};
use tracing_subscriber::{Layer, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt};

const SECRET: &str = "secret-";

/// Log of all libraries, on stdout.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        println!("{}: {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

#[tool]
fn tick() {}

#[session]
fn work() {
    tick();
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let part = part();
    let config = TracingConfig::builder()
        .header("x-own", "secret-own")
        .shutdown_timeout(Duration::from_millis(500));
    println!("{config:?}");
    let config = config.build().unwrap();
    println!("{config:?}");
    let core = TracingCore::new(config).unwrap();
    let events = fmt::layer().with_writer(std::io::stdout).with_filter(LevelFilter::TRACE);
    let subscriber = registry().with(agentops::layer(&core)).with(events);
    match part.as_str() {
        // This takes what is said to `log` for events, too.
        "events" => subscriber.init(),
        level => {
            log::set_logger(&Logger).unwrap();
            log::set_max_level(level.parse().unwrap());
            set_global_default(subscriber).unwrap();
        }
    }
    work();
    println!("{:?}", core.flush().map_err(|error| format!("{error} {error:?}")));
    println!("{core:?} {:?}", core.shutdown().map_err(|error| format!("{error} {error:?}")));
}

/// A far side that sells a token, and otherwise refuses, repeating what it was told.
struct Parrot {
    address: String,
    heard: Arc<Mutex<String>>,
}

impl Parrot {
    fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(String::new()));
        let hearing = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may go away at any time.
                let _ = answer(&stream, status, &hearing);
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

fn answer(mut stream: &TcpStream, status: &str, heard: &Mutex<String>) -> Option<()> {
    let (head, body) = read_request(&mut BufReader::new(stream))?;
    heard.lock().unwrap().push_str(&format!("{head}{}", String::from_utf8_lossy(&body)));
    let (status, kind, said) = if head.contains("/v3/auth/token") {
        ("200 OK", "application/json", "{\"token\":\"secret-token\"}".to_owned())
    } else {
        (status, "text/plain", head.lines().skip(1).collect())
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
    stream.write_all((head + &said).as_bytes()).ok()
}

/// Everything that a process shows which is refused like this, with what it has left on disk: with its log
/// in the hands of `tracing`, at every level, and in those of another logger, up to level debug.
fn shown(parrot: &Parrot, variables: &[(&str, &str)]) -> String {
    let spool = tempfile::tempdir().unwrap();
    let address = &parrot.address;
    let mut said = String::new();
    for (log, query) in [("events", "?key=secret-query"), ("debug", "")] {
        let metrics = format!("http://user:secret-password@{address}/v1/metrics{query}");
        for spooled in [None, Some(("AGENTOPS_SPOOL_DIR", spool.path().to_str().unwrap()))] {
            let endpoint = format!("http://user:secret-password@{address}/v1/traces{query}");
            let mut all = vec![("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", metrics.as_str())];
            all.extend(variables.iter().chain(&spooled));
            all.push(("AGENTOPS_EXPORTER_ENDPOINT", &endpoint));
            let output = play(log, &all);
            assert!(output.status.success(), "{output:?}");
            said += &String::from_utf8_lossy(&[output.stdout, output.stderr].concat());
        }
    }
    let files = files_below(spool.path()).into_iter().map(|file| fs::read(file).unwrap());
    let files: Vec<_> = files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    assert!(files.iter().any(|file| file.contains("tick")), "the spans are on disk: {files:?}");
    said + &files.concat()
}

fn places(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains(SECRET)).collect()
}

#[test]
fn project_key_and_token_are_never_shown() {
    let parrot = Parrot::start("401 No");
    let api = format!("http://{}", parrot.address);
    let variables = [("AGENTOPS_API_KEY", "secret-key"), ("AGENTOPS_API_ENDPOINT", &api)];
    let said = shown(&parrot, &variables);
    assert_eq!(places(&said), [""; 0]);
    for secret in ["secret-key", "Bearer secret-token", "secret-own"] {
        assert!(parrot.heard().contains(secret), "{secret} was told: {}", parrot.heard());
    }
    assert!(said.contains("does not accept its own token"), "and it is said why: {said}");
}

#[test]
fn headers_and_passwords_are_never_shown() {
    let parrot = Parrot::start("403 No");
    let headers = "x-vendor=secret-vendor, authorization=Basic%20secret-basic";
    let home = format!("http://{}", parrot.address);
    let home = ("OTEL_EXPORTER_OTLP_ENDPOINT", home.as_str());
    let said = shown(&parrot, &[("OTEL_EXPORTER_OTLP_HEADERS", headers), home]);
    assert_eq!(places(&said), [""; 0]);
    for secret in ["secret-vendor", "Basic secret-basic", "secret-own", "secret-query"] {
        assert!(parrot.heard().contains(secret), "{secret} was told: {}", parrot.heard());
    }
    assert!(said.contains("x-vendor: <secret>"), "and it is said why: {said}");
}

#[test]
fn rejected_setting_keeps_its_secret() {
    for (variable, value) in [
        ("AGENTOPS_EXPORTER_ENDPOINT", "ftp://user:secret-password@h/?key=secret-query"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "secret-password@h"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "http://user:secret-pass?word@h"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "secret-of-a-project-that-is-no-address"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "http://h?key=k#secret-query"),
        ("AGENTOPS_API_ENDPOINT", "user:secret-password@h"),
        ("AGENTOPS_API_KEY", "secret-key\u{1}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "secret-header"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "-----BEGIN PRIVATE KEY-----\nsecret-key"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "secret-key-of-another-kind"),
    ] {
        let output = play("events", &[(variable, value)]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success() && said.contains(variable), "{said}");
        assert_eq!(places(&said), [""; 0]);
    }
}

#[test]
fn byte_level_log_is_warned_of() {
    let parrot = Parrot::start("200 OK");
    let endpoint = format!("http://{}", parrot.address);
    let output = play("trace", &[("AGENTOPS_EXPORTER_ENDPOINT", &endpoint)]);
    let said = String::from_utf8_lossy(&output.stdout);
    let warnings =
        said.matches("agentops: this log shows every byte that is sent, keys included").count();
    assert_eq!(warnings, 1, "{said}");
}
