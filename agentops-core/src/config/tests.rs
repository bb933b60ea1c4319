use std::time::Duration;

use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use super::*;

mod builder;
mod credentials;
mod errors;
mod start;

fn build(
    configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
    variables: &[(&str, &str)],
) -> Result<TracingConfig, String> {
    let builder = configure(TracingConfig::builder());
    builder.build_in(&Environment::of(variables.iter().copied())).map_err(|error| error.to_string())
}

fn from_env(variables: &[(&str, &str)]) -> TracingConfig {
    build(|builder| builder, variables).unwrap()
}

/// Describes the destination of traces in one line.
fn destination(config: &TracingConfig) -> String {
    match &config.destination {
        Destination::Exporter(_) => "an exporter".to_owned(),
        Destination::Local(local) => format!("files in {}", local.dir.display()),
        Destination::Otlp(target) => {
            let key = target.key.as_ref();
            let token = key.map(|key| format!(" with a token from {}", key.token_endpoint));
            format!("{}{}", target.endpoint.0, token.unwrap_or_default())
        }
    }
}

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn config_defaults_match_documentation() {
    let config = from_env(&[]);
    assert_eq!(destination(&config), "files in .agentops/sessions");
    let flags = (config.disabled, config.capture_content, config.log_session_replay_url);
    assert_eq!(flags, (false, true, true));
    assert_eq!((config.console, config.service_name.clone()), (None, None));
    let queue = (config.max_queue_size, config.max_queue_bytes, config.max_batch_size);
    assert_eq!(queue, (131_072, 128 << 20, 2048));
    let times = (config.max_wait_time, config.shutdown_timeout);
    assert_eq!(times, (Duration::from_secs(1), Duration::from_secs(5)));
    assert_eq!((config.max_len, config.sampling.rate), (32 << 10, 1.0));
    assert_eq!(config.orphan_policy, OrphanPolicy::Drop);
    assert!(config.default_tags.is_empty() && !config.dialects.agentops);
}

#[test]
fn config_error_names_invalid_variable_and_remedy() {
    const ADDRESS: &str = "expected an address like `http://127.0.0.1:4318`";
    const FLAG: &str = "expected `true` or `false`";
    const MILLISECONDS: &str = "expected a whole number of milliseconds";
    const COMPRESSION: &str = "expected `gzip`, `zstd` or `none`";
    for (variable, value, expected) in [
        ("AGENTOPS_API_ENDPOINT", "api", ADDRESS),
        ("AGENTOPS_APP_URL", "ftp://app", ADDRESS),
        ("AGENTOPS_EXPORTER_ENDPOINT", "localhost:4318", ADDRESS),
        ("AGENTOPS_EXPORTER_ENDPOINT", "http://", ADDRESS),
        ("AGENTOPS_MAX_QUEUE_SIZE", "0", "expected a whole number of at least 1"),
        ("AGENTOPS_MAX_QUEUE_SIZE", "many", "expected a whole number of at least 1"),
        ("AGENTOPS_MAX_WAIT_TIME", "1s", MILLISECONDS),
        ("AGENTOPS_EXPORT_FLUSH_INTERVAL", "-1", MILLISECONDS),
        ("AGENTOPS_CAPTURE_CONTENT", "maybe", FLAG),
        ("AGENTOPS_REDACT_CREDENTIALS", "maybe", FLAG),
        ("AGENTOPS_CONSOLE", "tree", FLAG),
        ("AGENTOPS_LOG_SESSION_REPLAY_URL", "2", FLAG),
        ("AGENTOPS_SAMPLE_RATE", "2", "expected a number from 0 to 1"),
        ("AGENTOPS_SAMPLE_RATE", "NaN", "expected a number from 0 to 1"),
        (
            "AGENTOPS_DIALECT",
            "klingon",
            "expected a list of `otel`, `openinference-min`, `agentops` and `openinference`",
        ),
        ("OTEL_SDK_DISABLED", "off course", FLAG),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", ADDRESS),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector", ADDRESS),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", MILLISECONDS),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon", MILLISECONDS),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "rar", COMPRESSION),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "rar", COMPRESSION),
        (
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "perhaps",
            "expected `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, `true` or `false`",
        ),
    ] {
        let error = build(|builder| builder, &[(variable, value)]).unwrap_err();
        assert_eq!(error, format!("`{variable}` is `{value}`; {expected}"));
    }
}

#[test]
fn config_rejects_invalid_variable_despite_builder_setting() {
    let error = build(
        |builder| builder.capture_content(true).console(true).sample_rate(1.0),
        &[("AGENTOPS_SAMPLE_RATE", "most")],
    );
    assert_eq!(
        error.unwrap_err(),
        "`AGENTOPS_SAMPLE_RATE` is `most`; expected a number from 0 to 1"
    );
}

#[test]
fn builder_rejects_invalid_settings() {
    let errors = [
        build(|builder| builder.sample_rate(f64::NAN), &[]),
        build(|builder| builder.max_queue_size(0), &[]),
        build(|builder| builder.max_len(0), &[]),
        build(|builder| builder.exporter_endpoint("nowhere"), &[]),
    ]
    .map(Result::unwrap_err);
    assert_eq!(
        errors,
        [
            "`sample_rate` is NaN; give a number from 0 to 1",
            "`max_queue_size` is 0; give a number of at least 1",
            "`max_len` is 0; give a number of at least 1",
            "`exporter_endpoint` is `nowhere`; expected an address like `http://127.0.0.1:4318`",
        ]
    );
}

#[test]
fn secrets_absent_from_errors_and_debug_output() {
    let errors = [
        build(|builder| builder, &[("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")]),
        build(|builder| builder, &[("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=hun\u{7}ter2")]),
        build(|builder| builder, &[("AGENTOPS_EXPORTER_ENDPOINT", "ftp://me:hunter2@host")]),
        build(|builder| builder, &[("AGENTOPS_API_KEY", "hunter2\u{7}")]),
    ];
    assert_eq!(
        errors.map(Result::unwrap_err),
        [
            "`OTEL_EXPORTER_OTLP_HEADERS` cannot be read; expected `name=value` pairs, separated by commas",
            "`OTEL_EXPORTER_OTLP_TRACES_HEADERS` cannot be read; \
             expected `name=value` pairs, separated by commas",
            "`AGENTOPS_EXPORTER_ENDPOINT` is `ftp://<secret>@host`; \
             expected an address like `http://127.0.0.1:4318`",
            "`AGENTOPS_API_KEY` has characters no key has; copy it again",
        ]
    );
    let env = [("AGENTOPS_API_KEY", "hunter2"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2")];
    let builder = TracingConfig::builder().api_key("hunter2").header("a", "hunter2");
    let builder = builder.exporter_endpoint("http://me:hunter2@h/?k=hunter2");
    let shown = format!("{builder:?} {:?}", from_env(&env));
    let headers = format!("{:?}", from_env(&[env[1], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h")]));
    assert!(!shown.contains("hunter2") && !headers.contains("hunter2"), "{shown} {headers}");
    let config = format!("{:?}", builder.build_in(&Environment::default()).unwrap());
    assert!(config.contains("http://h/") && !config.contains("hunter2"), "{config}");
}

#[test]
fn destination_precedence_builder_then_variables() {
    const ALL: &[(&str, &str)] = &[
        ("AGENTOPS_LOCAL_DIR", "here"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318/"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://otel:4318/traces"),
        ("AGENTOPS_API_KEY", "k"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "http://ours:4318"),
    ];
    let chosen: Vec<_> = (0..=ALL.len()).map(|n| destination(&from_env(&ALL[..n]))).collect();
    assert_eq!(
        chosen,
        [
            "files in .agentops/sessions",
            "files in here",
            "http://otel:4318/v1/traces",
            "http://otel:4318/traces",
            "https://otlp.agentops.ai/v1/traces with a token from https://api.agentops.ai/v3/auth/token",
            "http://ours:4318/v1/traces",
        ]
    );
    let by_program = [
        build(|builder| builder.exporter_endpoint("https://program/v1/x?y=1"), ALL),
        build(|builder| builder.exporter_endpoint("https://program").exporter(Nowhere), ALL),
        build(|builder| builder.local_dir("there"), &ALL[..1]),
    ];
    assert_eq!(
        by_program.map(|config| destination(&config.unwrap())),
        ["https://program/v1/x?y=1", "an exporter", "files in there"]
    );
}

#[test]
fn api_key_follows_endpoint_with_custom_api_endpoint() {
    let config = from_env(&[
        ("AGENTOPS_API_KEY", "k"),
        ("AGENTOPS_API_ENDPOINT", "http://self-hosted:8000/"),
        ("AGENTOPS_EXPORTER_ENDPOINT", "http://self-hosted:4318"),
    ]);
    assert_eq!(
        destination(&config),
        "http://self-hosted:4318/v1/traces with a token from http://self-hosted:8000/v3/auth/token"
    );
    assert!(config.dialects.agentops);
}

#[test]
fn certificate_error_names_unreadable_file_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("empty.pem"), "").unwrap();
    let error = |variable: &str, name: &str| {
        let error = build(|builder| builder, &[(variable, &path(name))]).unwrap_err();
        error.replace(dir.path().to_str().unwrap(), "")
    };
    for (variable, name, expected) in [
        (
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            "missing.pem",
            "is `/missing.pem`, which cannot be read: No such file or directory (os error 2); \
             name a file in the format PEM",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
            "empty.pem",
            "is `/empty.pem`, in which none was found; name a file in the format PEM",
        ),
        (
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
            "empty.pem",
            "is `/empty.pem`, in which none was found; name a file in the format PEM",
        ),
    ] {
        assert_eq!(error(variable, name), format!("`{variable}` {expected}"));
    }
}

#[test]
fn config_precedence_builder_environment_default() {
    let env = [
        ("AGENTOPS_MAX_QUEUE_SIZE", "7"),
        ("AGENTOPS_EXPORT_FLUSH_INTERVAL", "20"),
        ("AGENTOPS_DEFAULT_TAGS", "a, b,,"),
        ("AGENTOPS_CAPTURE_CONTENT", "off"),
        ("AGENTOPS_CONSOLE", "OFF"),
        ("AGENTOPS_SAMPLE_RATE", "0.5"),
        ("AGENTOPS_DIALECT", "otel, agentops"),
        ("OTEL_SDK_DISABLED", "True"),
        ("AGENTOPS_APP_URL", "http://app/"),
    ];
    let config = from_env(&env);
    assert_eq!(config.max_wait_time, Duration::from_millis(20));
    assert_eq!((config.max_queue_size, config.sampling.rate), (7, 0.5));
    assert_eq!(config.default_tags, ["a", "b"]);
    assert_eq!(
        (config.capture_content, config.console, config.disabled),
        (false, Some(false), true)
    );
    assert_eq!((config.dialects.agentops, config.app_url.as_str()), (true, "http://app"));

    let config = build(
        |builder| {
            let builder = builder.max_queue_size(9).max_wait_time(Duration::ZERO).console(true);
            builder.default_tags(["c"]).capture_content(true).sample_rate(0.0)
        },
        &env,
    );
    let config = config.unwrap();
    assert_eq!((config.max_queue_size, config.max_wait_time), (9, Duration::ZERO));
    assert_eq!((config.default_tags, config.sampling.rate), (vec!["c".to_owned()], 0.0));
    assert_eq!((config.capture_content, config.console), (true, Some(true)));
}

#[test]
fn capture_content_own_variable_overrides_shared() {
    const INNERMOST_OWN: &str = "AGENTOPS_CAPTURE_CONTENT";
    const SHARED: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let captured = |variables: &[(&str, &str)]| from_env(variables).capture_content;
    let shared = ["NO_CONTENT", "event_only", "false", "SPAN_ONLY", "span_and_event", "true"];
    assert_eq!(
        shared.map(|mode| captured(&[(SHARED, mode)])),
        [false, false, false, true, true, true]
    );
    assert!(captured(&[(INNERMOST_OWN, "true"), (SHARED, "NO_CONTENT")]));
    assert!(!captured(&[(INNERMOST_OWN, "0"), (SHARED, "SPAN_ONLY")]));
}

#[test]
fn redact_credentials_enabled_unless_builder_or_variable_disables() {
    let env = [("AGENTOPS_REDACT_CREDENTIALS", "false")];
    assert!(from_env(&[]).redact_credentials);
    assert!(!from_env(&env).redact_credentials);
    let config = build(|builder| builder.redact_credentials(true), &env).unwrap();
    assert!(config.redact_credentials);
}

#[test]
fn empty_variable_counts_as_unset() {
    let config = from_env(&[("AGENTOPS_EXPORTER_ENDPOINT", " "), ("AGENTOPS_SAMPLE_RATE", "")]);
    assert_eq!(destination(&config), "files in .agentops/sessions");
}

#[test]
fn request_timeout_default_leaves_time_before_shutdown() {
    let timeout = |seconds, variables: &[(&str, &str)]| {
        let variables = [&[("AGENTOPS_EXPORTER_ENDPOINT", "http://h")], variables].concat();
        let shutdown = Duration::from_secs(seconds);
        let config = build(|builder| builder.shutdown_timeout(shutdown), &variables).unwrap();
        let Destination::Otlp(target) = config.destination else { panic!("no endpoint") };
        target.timeout.as_millis()
    };
    assert_eq!([timeout(5, &[]), timeout(1, &[]), timeout(60, &[])], [4_000, 800, 10_000]);
    assert_eq!(timeout(5, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "7000")]), 7_000);
}

#[test]
fn max_queue_bytes_default_smaller_when_blocking() {
    let bytes = |overflow| {
        let builder = TracingConfig::builder().overflow(overflow);
        builder.build_in(&Environment::default()).unwrap().max_queue_bytes
    };
    assert_eq!([Overflow::Drop, Overflow::Block(Duration::ZERO)].map(bytes), [128 << 20, 24 << 20]);
}

#[test]
fn spool_settings_from_builder_variables_or_defaults() {
    let overflow = |config: &TracingConfig| (config.spool.clone(), config.overflow);
    assert_eq!(overflow(&from_env(&[])), (None, Overflow::Drop));
    let usual = SpoolSettings {
        dir: "spool".into(),
        max_bytes: 256 << 20,
        max_age: Duration::from_secs(604_800),
    };
    let second = Overflow::Block(Duration::from_secs(1));
    assert_eq!(overflow(&from_env(&[("AGENTOPS_SPOOL_DIR", "spool")])), (Some(usual), second));
    let builder = TracingConfig::builder().overflow(Overflow::Drop).spool_dir("mine");
    let builder = builder.spool_max_bytes(1_000).spool_max_age(Duration::from_secs(60));
    let env = Environment::of([("AGENTOPS_SPOOL_DIR", "spool")]);
    let own =
        SpoolSettings { dir: "mine".into(), max_bytes: 1_000, max_age: Duration::from_secs(60) };
    assert_eq!(overflow(&builder.build_in(&env).unwrap()), (Some(own), Overflow::Drop));
    let empty = TracingConfig::builder().spool_max_bytes(0).build_in(&Environment::default());
    assert_eq!(
        empty.unwrap_err().to_string(),
        "`spool_max_bytes` is 0; give a number of at least 1"
    );
}
