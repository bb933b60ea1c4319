//! Tests of the errors of settings: the setting, the kind and the message of each.

use super::*;
use crate::error::{ConfigError, ConfigErrorKind as Kind};

type Configure = fn(TracingConfigBuilder) -> TracingConfigBuilder;
type Variables = &'static [(&'static str, &'static str)];

fn error(configure: Configure, variables: Variables) -> ConfigError {
    let env = Environment::of(variables.iter().copied());
    configure(TracingConfig::builder()).build_in(&env).unwrap_err()
}

#[test]
fn config_errors_expose_setting_kind_and_message() {
    let same: Configure = |builder| builder;
    let cases: [(Configure, Variables, &str, Kind, &str); 12] = [
        (
            |it| it.max_queue_size(0),
            &[],
            "max_queue_size",
            Kind::OutOfRange,
            "`max_queue_size` is 0; give a number of at least 1",
        ),
        (
            |it| it.sample_rate(1.5),
            &[],
            "sample_rate",
            Kind::OutOfRange,
            "`sample_rate` is 1.5; give a number from 0 to 1",
        ),
        (
            |it| it.sample_salt(" "),
            &[],
            "sample_salt",
            Kind::OutOfRange,
            "`sample_salt` is empty; give a text that callers do not know, or none",
        ),
        (
            |it| it.local_max_sessions(0),
            &[],
            "local_max_sessions",
            Kind::OutOfRange,
            "`local_max_sessions` is 0; give more, or `None` for no bound",
        ),
        (
            |it| it.exporter_endpoint("http://h").timeout(Duration::ZERO),
            &[],
            "timeout",
            Kind::OutOfRange,
            "`timeout` is 0; give a time of at least 1 ms",
        ),
        (
            same,
            &[("AGENTOPS_SAMPLE_RATE", "2")],
            "AGENTOPS_SAMPLE_RATE",
            Kind::Unknown,
            "`AGENTOPS_SAMPLE_RATE` is `2`; expected a number from 0 to 1",
        ),
        (
            same,
            &[("AGENTOPS_DIALECT", "otl")],
            "AGENTOPS_DIALECT",
            Kind::Unknown,
            "`AGENTOPS_DIALECT` is `otl`; did you mean `otel`?",
        ),
        (
            same,
            &[("AGENTOPS_API_KEY", "a\nb")],
            "AGENTOPS_API_KEY",
            Kind::Characters,
            "`AGENTOPS_API_KEY` has characters no key has; copy it again",
        ),
        (
            |it| it.exporter_endpoint("http://h").header("a b", "c"),
            &[],
            "header",
            Kind::Characters,
            "`header` `a…` has characters in its name that no header has",
        ),
        (
            |it| it.exporter_endpoint("http://h/#a"),
            &[],
            "exporter_endpoint",
            Kind::Address,
            "`exporter_endpoint` has a fragment, which is not part of a request; leave out what begins with `#`, \
             or write `%23` for it",
        ),
        (
            |it| it.exporter_endpoint("http://h"),
            &[("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/nowhere/key.pem")],
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
            Kind::Pem,
            "`OTEL_EXPORTER_OTLP_CLIENT_KEY` is `/nowhere/key.pem`, which cannot be read: No such file or directory \
             (os error 2); name a file in the format PEM",
        ),
        (
            |it| it.exporter_endpoint("http://h"),
            &[("HTTP_PROXY", "socks5://p:1")],
            "HTTP_PROXY",
            Kind::Unsupported,
            "`HTTP_PROXY` names a SOCKS proxy; only HTTP proxies can be used",
        ),
    ];
    for (configure, variables, setting, kind, message) in cases {
        let error = error(configure, variables);
        assert_eq!(
            (error.setting(), error.kind(), error.to_string().as_str()),
            (setting, kind, message)
        );
    }
}

#[cfg(not(feature = "gzip"))]
#[test]
fn compression_not_built_in_is_unsupported() {
    let by_program =
        error(|it| it.exporter_endpoint("http://h").compression(Compression::Gzip), &[]);
    let by_variable =
        error(|it| it.exporter_endpoint("http://h"), &[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")]);
    let kinds = [by_program.kind(), by_variable.kind()];
    assert_eq!(kinds, [Kind::Unsupported, Kind::Unsupported]);
}

#[cfg(unix)]
#[test]
fn config_error_reports_non_unicode_variable() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};
    let bytes = OsString::from_vec(vec![0xff]);
    let env = Environment::of([(OsString::from("AGENTOPS_SPOOL_DIR"), bytes)]);
    let error = TracingConfig::builder().build_in(&env).unwrap_err();
    assert_eq!(error.kind(), Kind::NotUnicode);
    let message = "`AGENTOPS_SPOOL_DIR` is not valid UTF-8; set it to plain text or unset it";
    assert_eq!(error.to_string(), message);
}
