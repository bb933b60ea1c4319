//! Tests that every variable has a builder method, which wins over it.

use std::collections::BTreeMap;

use super::*;

#[test]
fn local_session_limits_from_builder_variables_or_defaults() {
    let local = |config: TracingConfig| match config.destination {
        Destination::Local(local) => (local.max_sessions, local.max_bytes, local.max_age),
        _ => panic!("they go elsewhere"),
    };
    let days = |days: u64| Duration::from_secs(days * 86_400);
    assert_eq!(local(from_env(&[])), (Some(1_000), Some(1 << 30), Some(days(30))));
    let env = [
        ("AGENTOPS_LOCAL_MAX_SESSIONS", "7"),
        ("AGENTOPS_LOCAL_MAX_BYTES", "off"),
        ("AGENTOPS_LOCAL_MAX_AGE", "2"),
    ];
    assert_eq!(local(from_env(&env)), (Some(7), None, Some(days(2))));
    let by_program = build(
        |builder| {
            let builder = builder.local_max_sessions(None).local_max_bytes(9);
            builder.local_max_age(Duration::from_secs(1))
        },
        &env,
    );
    let second = Some(Duration::from_secs(1));
    assert_eq!(local(by_program.unwrap()), (None, Some(9), second));
    let errors = [
        build(|builder| builder.local_max_sessions(0), &[]),
        build(|builder| builder, &[("AGENTOPS_LOCAL_MAX_AGE", "0")]),
    ];
    assert_eq!(
        errors.map(Result::unwrap_err),
        [
            "`local_max_sessions` is 0; give more, or `None` for no bound",
            "`AGENTOPS_LOCAL_MAX_AGE` is `0`; expected a whole number of at least 1, or `off`",
        ]
    );
}

#[test]
fn request_settings_builder_overrides_environment() {
    let target = |config: TracingConfig| match config.destination {
        Destination::Otlp(target) => (target.timeout, target.compression, target.metric_interval),
        _ => panic!("no endpoint"),
    };
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "7000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ];
    let seconds = Duration::from_secs;
    assert_eq!(target(from_env(&env)), (seconds(7), None, seconds(1)));
    let own = build(|it| it.timeout(seconds(3)).compression(Compression::None), &env);
    assert_eq!(target(own.unwrap()), (seconds(3), None, seconds(1)));
    let errors = [
        build(|builder| builder.timeout(Duration::ZERO), &env),
        build(|builder| builder.certificate("-----BEGIN NOTHING"), &env),
        build(|builder| builder.client_certificate("-----BEGIN hunter2", "k"), &env),
    ];
    let pem = "is a text in the format PEM in which none was found; give another, or a path";
    assert_eq!(
        errors.map(Result::unwrap_err),
        [
            "`timeout` is 0; give a time of at least 1 ms".to_owned(),
            format!("`certificate` {pem}"),
            format!("`client_certificate` {pem}"),
        ]
    );
}

#[test]
fn certificate_accepts_path_or_pem_text() {
    let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let (certificate, key) = (pem("CERTIFICATE"), pem("PRIVATE KEY"));
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("certificate"), &certificate).unwrap();
    std::fs::write(path("key"), &key).unwrap();
    for (certificate, key) in [(&certificate, &key), (&path("certificate"), &path("key"))] {
        let given = |builder: TracingConfigBuilder| {
            builder.certificate(certificate).client_certificate(certificate, key)
        };
        let shown = format!("{:?}", given(TracingConfig::builder()));
        assert!(!shown.contains("BEGIN"), "{shown}");
        assert!(build(given, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://h")]).is_ok());
    }
}

#[cfg(not(feature = "zstd"))]
#[test]
fn compression_without_feature_is_rejected() {
    let error = build(|builder| builder.compression(Compression::Zstd), &[]).unwrap_err();
    let expected =
        "`compression` is `Zstd`; this build cannot compress with it; enable the feature `zstd`";
    assert_eq!(error, expected);
}

#[cfg(feature = "metrics")]
#[test]
fn metrics_go_where_the_program_says() {
    let metrics = |config: Result<TracingConfig, String>| match config.unwrap().destination {
        Destination::Otlp(target) => {
            (target.metrics.map(|it| it.endpoint.to_string()), target.metric_interval)
        }
        _ => panic!("no endpoint"),
    };
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://theirs/metrics"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
    ];
    let second = Duration::from_secs(1);
    let own = build(|it| it.metrics_endpoint("http://own/m").metric_interval(second), &env);
    assert_eq!(metrics(own), (Some("http://own/m".to_owned()), second));
    let off = build(|it| it.metrics(false), &env);
    assert_eq!(metrics(off), (None, Duration::from_secs(60)));
}

#[test]
fn service_name_builder_overrides_variable() {
    let env = [("OTEL_SERVICE_NAME", "theirs")];
    let name = |config: Result<TracingConfig, String>| config.unwrap().service_name;
    assert_eq!(name(build(|it| it, &env)).as_deref(), Some("theirs"));
    assert_eq!(name(build(|it| it.service_name("own"), &env)).as_deref(), Some("own"));
    let as_attribute = build(|it| it.resource_attribute("service.name", "own"), &env);
    assert_eq!(name(as_attribute), None, "the attribute counts");
}

#[test]
fn dialects_of_the_program_win_over_the_variable() {
    let env = [("AGENTOPS_DIALECT", "agentops")];
    let written = |dialects: Vec<Dialect>| {
        let config = build(|builder| builder.dialects(dialects), &env).unwrap();
        (config.dialects.agentops, config.dialects.openinference)
    };
    assert_eq!(written(vec![]), (false, false));
    assert_eq!(written(vec![Dialect::OpenTelemetry, Dialect::OpenInference]), (false, true));
    assert_eq!(written(vec![Dialect::AgentOps, Dialect::OpenInferenceMin]), (true, false));
}

/// Maps each variable to the builder method whose documentation names it.
fn methods() -> BTreeMap<String, String> {
    let sources = [
        include_str!("../../config.rs"),
        include_str!("../local_files.rs"),
        include_str!("../spool_settings.rs"),
        include_str!("../request_builder.rs"),
    ];
    let mut methods = BTreeMap::new();
    let mut docs = String::new();
    for line in sources.iter().flat_map(|source| source.lines()).map(str::trim_start) {
        if let Some(doc) = line.strip_prefix("///") {
            docs += doc;
        } else if !line.starts_with("#[") {
            let method = line.trim_start_matches("pub fn ").split('(').next().unwrap();
            for name in docs.split('`').skip(1).step_by(2) {
                let name = name.split('=').next().unwrap();
                methods.insert(name.to_owned(), method.to_owned());
            }
            docs.clear();
        }
    }
    methods
}

#[test]
fn every_variable_has_documented_builder_method() {
    let methods = methods();
    let method = |variable: &variable_names::Variable| {
        // A variable for traces has the same builder method as the one for all signals.
        let name = variable.name().replace("_OTLP_TRACES_", "_OTLP_");
        methods.get(&name).cloned()
    };
    let without: Vec<_> =
        variable_names::ALL.iter().filter(|it| method(it).is_none()).map(|it| it.name()).collect();
    assert_eq!(without, [""; 0]);
    let some = ["AGENTOPS_DIALECT", "OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_SDK_DISABLED"];
    let expected = ["dialects", "client_certificate", "disabled"];
    assert_eq!(some.map(|name| methods[name].as_str()), expected);
}
