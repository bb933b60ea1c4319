//! Every way out of a program that is not a crash delivers what has ended; every bad setting stops it at once.
//!
//! Each case is a process: this test binary, run again with a part to play.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    process::{Command, Output, exit},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use agentops::{TracingConfig, TracingCore, session, tool};
use agentops_tests::{
    collector::Collector,
    process::{heed_signals, part, play},
};
use tracing_subscriber::{layer::SubscriberExt, registry, util::SubscriberInitExt};

const LONG: Duration = Duration::from_secs(60);

#[tool]
fn tick() {}

#[session]
fn work() {
    tick();
}

static GUARD: OnceLock<agentops::Guard> = OnceLock::new();

/// Leaves from the innermost of a runtime.
fn exit_with_workers(workers: usize) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(workers).build().unwrap().block_on(async {
        tokio::spawn(async {
            std::mem::forget(agentops::init().unwrap());
            work();
            exit(7);
        })
        .await
        .unwrap();
    });
}

fn handling_signals() -> TracingConfig {
    TracingConfig::builder().handle_signals(true).build().unwrap()
}

/// Does its work in a session that is still open when the signal comes.
fn die_of(signal: &str) {
    heed_signals();
    let _guard = agentops::init_with(handling_signals()).unwrap();
    wait_in_session(signal);
}

#[session(name = "work", skip_all)]
fn wait_in_session(signal: &str) {
    tick();
    kill(signal);
    wait_for_death();
}

/// As one who signals the process and its group.
fn kill(signal: &str) {
    let me = std::process::id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &me, &me]).status().unwrap().success());
}

fn wait_for_death() -> ! {
    std::thread::sleep(LONG);
    unreachable!("nothing killed it");
}

fn wait_for(mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < until, "it did not come true");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Forks again and again while others record, so that any lock is held at some fork.
fn fork_often() -> agentops::Stats {
    let guard = agentops::init().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let recorders: Vec<_> = (0..3)
        .map(|_| {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    work();
                }
            })
        })
        .collect();
    for _ in 0..40 {
        fork_in_session(&guard);
    }
    done.store(true, Ordering::Relaxed);
    recorders.into_iter().for_each(|recorder| recorder.join().unwrap());
    guard.shutdown().unwrap()
}

#[session(name = "forks", skip_all)]
fn fork_in_session(guard: &agentops::Guard) {
    let held = agentops::Tool::start("held");
    // SAFETY: the child does nothing but what is said to be allowed there.
    #[expect(unsafe_code, reason = "there is no other way to fork")]
    let child = unsafe { libc::fork() };
    if child == 0 {
        work();
        tick();
        agentops::current().set_output("nothing");
        drop(held);
        let is_empty = agentops::stats() == agentops::Stats::default() && guard.flush().is_ok();
        exit(if is_empty { 0 } else { 1 });
    }
    let mut status = -1;
    wait_for(|| {
        // SAFETY: it writes to a number of ours.
        #[expect(unsafe_code, reason = "there is no other way to wait for a fork")]
        let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        ended == child
    });
    assert_eq!(status, 0, "the child's exit");
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    match part().as_str() {
        "return" => {
            let _guard = agentops::init().unwrap();
            work();
        }
        "exit" => {
            let _guard = agentops::init().unwrap();
            work();
            exit(7);
        }
        "exit from a thread" => {
            std::mem::forget(agentops::init().unwrap());
            std::thread::spawn(|| {
                work();
                exit(7);
            })
            .join()
            .unwrap();
        }
        "exit in tokio" => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                std::mem::forget(agentops::init().unwrap());
                work();
                exit(7);
            });
        }
        "exit in tokio, one worker" => exit_with_workers(1),
        "exit in tokio, four workers" => exit_with_workers(4),
        "return, guard in a static" => {
            GUARD.set(agentops::init().unwrap()).unwrap();
            work();
        }
        "SIGTERM" => die_of("TERM"),
        "SIGINT" => die_of("INT"),
        "SIGTERM twice" => {
            let _guard = agentops::init_with(handling_signals()).unwrap();
            work();
            kill("TERM");
            // The first one delivers, to somebody who does not answer.
            wait_for(|| agentops::stats().queued == 2);
            // One that comes at once is the same one.
            loop {
                kill("TERM");
            }
        }

        "fork" => {
            let stats = fork_often();
            println!("delivered: {} of {}", stats.sent, stats.started);
        }
        "panic" => {
            let _guard = agentops::init().unwrap();
            work();
            panic!("on purpose");
        }
        "own subscriber" => {
            let core = TracingCore::new(TracingConfig::from_env().unwrap()).unwrap();
            registry().with(agentops::layer(&core)).init();
            work();
            std::mem::forget(core);
            exit(7);
        }
        "init" => match agentops::init() {
            Ok(guard) => println!("{:?}", guard.shutdown()),
            Err(error) => println!("refused: {error}"),
        },
        "init after a subscriber" => {
            registry().init();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        "init twice" => {
            let _guard = agentops::init().unwrap();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        "init after the guard is gone" => {
            fn helper() {
                let _guard = agentops::init().unwrap();
            }
            helper();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        "init after a shutdown" => {
            agentops::init().unwrap().shutdown().unwrap();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        "guard dropped at once" => {
            let _ = agentops::init().unwrap();
            work();
            work();
        }
        "work and shut down" => {
            let guard = agentops::init().unwrap();
            work();
            match guard.shutdown() {
                Ok(stats) => println!("delivered: {}", stats.sent),
                Err(error) => println!("undelivered: {error}"),
            }
        }
        other => panic!("no part `{other}`"),
    }
}

fn stdout_line(output: &Output, start: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let line = stdout.lines().find(|line| line.contains(start));
    line.unwrap_or_else(|| panic!("no `{start}` in {output:?}")).to_owned()
}

#[test]
fn exits_deliver_ended_spans() {
    for way in [
        "return",
        "return, guard in a static",
        "exit",
        "exit from a thread",
        "exit in tokio",
        "exit in tokio, one worker",
        "exit in tokio, four workers",
        "panic",
        "own subscriber",
    ] {
        let collector = Collector::start();
        play(way, &[("AGENTOPS_EXPORTER_ENDPOINT", collector.address())]);
        let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["execute_tool tick", "invoke_workflow work"], "{way}");
    }
}

#[test]
fn invalid_setting_is_an_error_naming_it() {
    for variable in [
        "AGENTOPS_API_ENDPOINT",
        "AGENTOPS_APP_URL",
        "AGENTOPS_EXPORTER_ENDPOINT",
        "AGENTOPS_MAX_QUEUE_SIZE",
        "AGENTOPS_MAX_WAIT_TIME",
        "AGENTOPS_EXPORT_FLUSH_INTERVAL",
        "AGENTOPS_CAPTURE_CONTENT",
        "AGENTOPS_CONSOLE",
        "AGENTOPS_SAMPLE_RATE",
        "AGENTOPS_DIALECT",
        "AGENTOPS_LOG_SESSION_REPLAY_URL",
        "OTEL_SDK_DISABLED",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_COMPRESSION",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
    ] {
        let output = play("init", &[(variable, "no such thing")]);
        let line = stdout_line(&output, "refused: ");
        assert!(line.contains(&format!("refused: `{variable}` ")), "{line}");
    }
}

#[test]
fn existing_subscriber_is_an_error_with_remedy() {
    let line = stdout_line(&play("init after a subscriber", &[]), "refused: ");
    let expected = "refused: a global `tracing` subscriber is already set; add `agentops::layer(&core)` to it, \
                    where `core` is a `TracingCore`, instead of calling `init`";
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn second_init_is_an_error_with_remedy() {
    let line = stdout_line(&play("init twice", &[]), "refused: ");
    let expected = "refused: agentops is already initialised; keep the guard of the first `init` and call it once";
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn init_after_the_guard_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    for part in ["init after the guard is gone", "init after a shutdown"] {
        let local = ("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap());
        let line = stdout_line(&play(part, &[local]), "refused: ");
        let expected = "refused: agentops was initialised before and has shut down with its guard; call `init` \
                        once, in `main`, and bind the guard to a name, such as `_guard`, that lives as long as \
                        the program";
        assert!(line.ends_with(expected), "{line}");
    }
}

#[test]
fn guard_dropped_at_once_is_warned_of() {
    let output = play("guard dropped at once", &[]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).trim_end(),
        "agentops: session `work` (tests/exit.rs:29) was started after agentops had shut down and is not recorded; bind the \
         guard of `init` to a name, such as `_guard`, and keep it until the program ends"
    );
}

#[test]
fn unwritable_folder_is_warned_once_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a-file");
    std::fs::write(&file, "in the way").unwrap();
    let output = play(
        "work and shut down",
        &[("AGENTOPS_LOCAL_DIR", file.join("sessions").to_str().unwrap())],
    );
    let line = stdout_line(&output, "undelivered: ");
    assert!(line.contains("undelivered: 2 of 2 spans were not delivered: 2 failed; "), "{line}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let warnings: Vec<_> =
        stderr.lines().filter(|line| line.contains("cannot be written")).collect();
    assert_eq!(warnings.len(), 1, "{stderr}");
    assert!(output.status.success());
}

#[test]
fn switched_off_it_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let local = dir.path().join("sessions");
    let off = [("OTEL_SDK_DISABLED", "true"), ("AGENTOPS_LOCAL_DIR", local.to_str().unwrap())];
    let output = play("work and shut down", &off);
    assert!(stdout_line(&output, "delivered: ").ends_with("delivered: 0"));
    assert!(!local.exists());
}

#[test]
fn signal_delivers_ended_spans_and_kills() {
    for (way, signal) in [("SIGTERM", libc::SIGTERM), ("SIGINT", libc::SIGINT)] {
        let collector = Collector::start();
        let output = play(way, &[("AGENTOPS_EXPORTER_ENDPOINT", collector.address())]);
        let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["execute_tool tick", "invoke_workflow work"], "{way}");
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
    }
}

#[test]
fn hanging_collector_is_bounded_and_second_signal_kills() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let began = Instant::now();
    let output = play("return", &[("AGENTOPS_EXPORTER_ENDPOINT", &address)]);
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("2 of 2 spans were not delivered"), "{stderr}");
    // A bound, not a measure: the budget is 5 s.
    assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
    let output = play("SIGTERM twice", &[("AGENTOPS_EXPORTER_ENDPOINT", &address)]);
    assert_eq!(output.status.signal(), Some(libc::SIGTERM), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("were not delivered"));
}

#[test]
fn forked_child_records_nothing_and_warns() {
    let collector = Collector::start();
    let output = play("fork", &[("AGENTOPS_EXPORTER_ENDPOINT", collector.address())]);
    let line = stdout_line(&output, "delivered: ");
    let expected = format!("delivered: {0} of {0}", collector.spans().len());
    assert!(line.ends_with(&expected), "{line}; {output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("this process was forked after tracing had started").count(), 40);
}
