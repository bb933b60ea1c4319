//! Every way out of a program that is not a crash delivers what has ended; every bad setting stops it at once.
//!
//! Each case is a process: this test binary, run again with a part to play.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env,
    process::{Command, Output, exit},
};

use agentops::{TracingConfig, TracingCore, session, tool};
use agentops_tests::collector::Collector;
use tracing_subscriber::{layer::SubscriberExt, registry, util::SubscriberInitExt};

#[tool]
fn tick() {}

#[session]
fn work() {
    tick();
}

/// Plays a part in a process of its own, with these variables alone.
fn play(part: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "plays_its_part", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PART", part)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn plays_its_part() {
    match env::var("PART").as_deref() {
        Ok("return") => {
            let _guard = agentops::init().unwrap();
            work();
        }
        Ok("exit") => {
            let _guard = agentops::init().unwrap();
            work();
            exit(7);
        }
        Ok("exit from a thread") => {
            std::mem::forget(agentops::init().unwrap());
            std::thread::spawn(|| {
                work();
                exit(7);
            })
            .join()
            .unwrap();
        }
        Ok("exit in tokio") => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                std::mem::forget(agentops::init().unwrap());
                work();
                exit(7);
            });
        }
        Ok("panic") => {
            let _guard = agentops::init().unwrap();
            work();
            panic!("on purpose");
        }
        Ok("own subscriber") => {
            let core = TracingCore::new(TracingConfig::from_env().unwrap()).unwrap();
            registry().with(agentops::layer(&core)).init();
            work();
            std::mem::forget(core);
            exit(7);
        }
        Ok("init") => match agentops::init() {
            Ok(guard) => println!("{:?}", guard.shutdown()),
            Err(error) => println!("refused: {error}"),
        },
        Ok("init after a subscriber") => {
            registry().init();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        Ok("init twice") => {
            let _guard = agentops::init().unwrap();
            println!("refused: {}", agentops::init().unwrap_err());
        }
        Ok("guard dropped at once") => {
            let _ = agentops::init().unwrap();
            work();
            work();
        }
        Ok("work and shut down") => {
            let guard = agentops::init().unwrap();
            work();
            match guard.shutdown() {
                Ok(stats) => println!("delivered: {}", stats.sent),
                Err(error) => println!("undelivered: {error}"),
            }
        }
        _ => {}
    }
}

fn stdout_line(output: &Output, start: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let line = stdout.lines().find(|line| line.contains(start));
    line.unwrap_or_else(|| panic!("no `{start}` in {output:?}")).to_owned()
}

#[test]
fn every_way_out_delivers_what_has_ended() {
    for way in ["return", "exit", "exit from a thread", "exit in tokio", "panic", "own subscriber"]
    {
        let collector = Collector::start();
        play(way, &[("AGENTOPS_EXPORTER_ENDPOINT", collector.address())]);
        let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["execute_tool tick", "invoke_workflow work"], "{way}");
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_an_error_that_names_it() {
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
fn a_subscriber_that_is_already_set_is_an_error_with_the_remedy() {
    let line = stdout_line(&play("init after a subscriber", &[]), "refused: ");
    let expected = "refused: a global `tracing` subscriber is already set; add `agentops::layer(&core)` to it, \
                    where `core` is a `TracingCore`, instead of calling `init`";
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn a_second_init_is_an_error_with_the_remedy() {
    let line = stdout_line(&play("init twice", &[]), "refused: ");
    let expected = "refused: agentops is already initialised; keep the guard of the first `init` and call it once";
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn a_guard_that_is_dropped_at_once_is_told_with_the_remedy() {
    let output = play("guard dropped at once", &[]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).trim_end(),
        "agentops: session `work` was started after agentops had shut down and is not recorded; bind the \
         guard of `init` to a name, such as `_guard`, and keep it until the program ends"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_warned_of_once_and_counted() {
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
