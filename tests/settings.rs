//! Settings that have no effect, or another than was meant, are said once at the start, with the remedy.
//!
//! Each case is a process: this test binary, run again with a part to play.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use agentops::{TracingConfig, TracingCore, session};
use agentops_tests::{
    collector::{Collector, closed_port},
    process::{part, play},
};

#[session]
fn work() {}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    assert_eq!(part(), "settings");
    let beside = TracingCore::new(TracingConfig::from_env().unwrap()).unwrap();
    let guard = agentops::init().unwrap();
    work();
    println!("ended: {}", guard.shutdown().unwrap().ended);
    beside.shutdown().unwrap();
}

/// Record of a program with these variables, and what agentops says of itself on stderr.
fn run(variables: &[(&str, &str)]) -> (String, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let local = [("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())];
    let output = play("settings", &[&local, variables].concat());
    let (told, said) =
        [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).into();
    let ended = told.lines().find(|line| line.contains("ended: ")).unwrap();
    let ended = ended.split_once("ended: ").unwrap().1.to_owned();
    let said = said.lines().filter_map(|line| line.strip_prefix("agentops: "));
    let files = std::fs::read_dir(dir.path()).unwrap().flatten();
    let sessions = files.filter(|file| file.path().extension().is_some_and(|it| it == "jsonl"));
    (format!("{ended} ended, {} files", sessions.count()), said.map(str::to_owned).collect())
}

#[test]
fn misspelt_variable_is_warned_once_for_two_cores() {
    let said = "`AGENTOPS_SAMPLERATE` is no variable of agentops and has no effect; \
                did you mean `AGENTOPS_SAMPLE_RATE`?";
    let recorded = "1 ended, 1 files".to_owned();
    assert_eq!(run(&[("AGENTOPS_SAMPLERATE", "0")]), (recorded, vec![said.to_owned()]));
}

#[test]
fn unsupported_protocol_is_warned_at_start() {
    let collector = Collector::start();
    let (recorded, said) = run(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]);
    assert_eq!(recorded, "1 ended, 0 files");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("`OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`, but"), "{said:?}");
}

#[test]
fn exporter_none_records_nothing_silently() {
    let nothing = ("0 ended, 0 files".to_owned(), Vec::new());
    assert_eq!(run(&[("OTEL_TRACES_EXPORTER", "none")]), nothing);
}

#[test]
fn service_name_is_the_variable_or_executable() {
    let name = |variables: &[(&str, &str)]| {
        let dir = tempfile::tempdir().unwrap();
        let local = [("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())];
        assert!(play("settings", &[&local, variables].concat()).status.success());
        let files = std::fs::read_dir(dir.path()).unwrap().flatten().map(|file| file.path());
        let session =
            files.into_iter().find(|file| file.extension().is_some_and(|it| it == "jsonl"));
        let line = std::fs::read_to_string(session.unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        let attributes = json["resourceSpans"][0]["resource"]["attributes"].as_array().unwrap();
        let name = attributes.iter().find(|attribute| attribute["key"] == "service.name").unwrap();
        name["value"]["stringValue"].as_str().unwrap().to_owned()
    };
    let executable = std::env::current_exe().unwrap();
    assert_eq!(name(&[]), executable.file_stem().unwrap().to_str().unwrap());
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=of-the-attributes,team=a");
    assert_eq!(name(&[attributes]), "of-the-attributes");
    assert_eq!(name(&[attributes, ("OTEL_SERVICE_NAME", "its-own")]), "its-own");
}

#[test]
fn spool_for_another_endpoint_is_warned_at_start() {
    let (spool, nobody, collector) =
        (tempfile::tempdir().unwrap(), closed_port(), Collector::start());
    let dir = spool.path().to_str().unwrap();
    let to = |endpoint: &str| {
        run(&[("AGENTOPS_SPOOL_DIR", dir), ("AGENTOPS_EXPORTER_ENDPOINT", endpoint)])
    };
    to(&nobody);
    let (_, said) = to(collector.address());
    let expected = format!(
        "spans in the spool `{dir}` wait for another endpoint: 1 for `{nobody}/v1/traces`; \
         send them there, or anywhere with `agentops push {dir}`"
    );
    assert_eq!(said.first(), Some(&expected), "{said:?}");
}
