//! Tests that keys go only where they were set for, and never into an error.

use http::{HeaderName, HeaderValue};

use super::*;

fn shown(headers: &[(HeaderName, HeaderValue)]) -> Vec<String> {
    let shown =
        |(name, value): &(HeaderName, HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
    headers.iter().map(shown).collect()
}

fn headers(config: &TracingConfig) -> Vec<String> {
    let Destination::Otlp(target) = &config.destination else { return Vec::new() };
    shown(&target.headers)
}

const SET: (&str, &str) = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x-tenant = t");
const VENDOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://vendor");
const API_KEY: (&str, &str) = ("AGENTOPS_API_KEY", "k");

fn ours(endpoint: &'static str) -> (&'static str, &'static str) {
    ("AGENTOPS_EXPORTER_ENDPOINT", endpoint)
}

#[test]
fn header_variables_reach_only_their_endpoint() {
    let config = |variables: &[(&str, &str)]| from_env(&[&[SET], variables].concat());
    let by_exporter = ("OTEL_TRACES_EXPORTER", "otlp");
    for theirs in [
        &[VENDOR][..],
        &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://vendor/traces")],
        &[ours("http://vendor/v1/traces"), VENDOR],
        &[ours("HTTP://user:pass@Vendor.:80/other?a=b"), VENDOR],
        &[by_exporter],
        &[ours("http://localhost:4318")],
        &[ours("http://LOCALHOST.:4318/v1/traces"), by_exporter],
    ] {
        let config = config(theirs);
        assert_eq!(headers(&config), ["api-key: a b", "x-tenant: t"], "{theirs:?}");
        assert_eq!(config.notes, [""; 0], "{theirs:?}");
    }
    let self_hosted = ("AGENTOPS_API_ENDPOINT", "http://own");
    for elsewhere in [
        &[ours("http://collector")][..],
        &[ours("http://collector"), VENDOR],
        &[ours("https://vendor"), VENDOR],
        &[ours("http://vendor:8080"), VENDOR],
        &[ours("http://vendor.evil"), VENDOR],
        &[ours("http://vendor@evil"), VENDOR],
        &[ours("http://127.0.0.1:4318")],
        &[ours("https://otlp.agentops.ai/v1/traces")],
        &[ours("https://OTLP.AgentOps.AI")],
        &[ours("https://otlp.agentops.ai.")],
        &[ours("https://u@AGENTOPS.ai.:443")],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://Otlp.AgentOps.ai./")],
        &[API_KEY],
        &[API_KEY, VENDOR],
        &[API_KEY, self_hosted, ours("http://own")],
    ] {
        assert_eq!(headers(&config(elsewhere)), [""; 0], "{elsewhere:?}");
    }
}

#[test]
fn headers_that_go_nowhere_are_told_with_the_remedy() {
    let notes = |variables: &[(&str, &str)]| from_env(&[&[SET], variables].concat()).notes;
    let vendor = ours("https://user:hunter2@api.vendor/otlp?key=hunter2");
    let told = |name: &str| {
        [format!(
            "`{name}` does not go to `https://api.vendor/otlp`, but only to what `OTEL_EXPORTER_OTLP_ENDPOINT` \
             names; name the endpoint by that variable, or set headers by `header` of the builder"
        )]
    };
    assert_eq!(notes(&[vendor]), told(SET.0));
    let of_traces = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b");
    assert_eq!(notes(&[vendor, of_traces]), told(of_traces.0));
    let hosted = [
        "`OTEL_EXPORTER_OTLP_HEADERS` never goes to AgentOps at `https://otlp.agentops.ai/v1/traces`; \
         set headers for it by `header` of the builder",
    ];
    assert_eq!(notes(&[ours("https://otlp.agentops.ai")]), hosted);
    assert_eq!(notes(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.agentops.ai")]), hosted);
    for silent in [
        &[][..],
        &[vendor, VENDOR],
        &[ours("https://otlp.agentops.ai"), VENDOR],
        &[API_KEY],
        &[API_KEY, VENDOR],
    ] {
        assert_eq!(notes(silent), [""; 0], "{silent:?}");
    }
    let off = notes(&[vendor, ("OTEL_TRACES_EXPORTER", "none")]);
    assert!(!off.contains(&told(SET.0)[0]), "{off:?}");
}

#[test]
fn builder_header_merges_and_overrides_variable() {
    let env = [("OTEL_EXPORTER_OTLP_HEADERS", "API-Key=theirs,x-tenant=t"), VENDOR];
    let own = |builder: TracingConfigBuilder| builder.header("api-key", "ours");
    assert_eq!(headers(&build(own, &env).unwrap()), ["x-tenant: t", "api-key: ours"]);
    let error = |name, value| build(|builder| builder.header(name, value), &env).unwrap_err();
    assert_eq!(
        [
            error("a b", "hunter2"),
            error("authorization: Bearer hunter2", ""),
            error("Bearer hunter2", "authorization"),
            error("x-key=hunter2", ""),
            error("a", "hunter2\n"),
        ],
        [
            "`header` `a…` has characters in its name that no header has",
            "`header` `authorization…` has characters in its name that no header has",
            "`header` `Bearer…` has characters in its name that no header has",
            "`header` `x-key…` has characters in its name that no header has",
            "`header` `a` has characters in its value that no header has",
        ]
    );
}

/// Returns the endpoint of metrics, the headers it receives, and whether it receives a token.
fn metrics(variables: &[(&str, &str)]) -> (String, Vec<String>, bool) {
    let own = |builder: TracingConfigBuilder| builder.header("x-own", "o");
    let Destination::Otlp(target) = build(own, variables).unwrap().destination else {
        panic!("no endpoint")
    };
    let metrics = target.metrics.unwrap();
    (metrics.endpoint.0.to_string(), shown(&metrics.headers), metrics.key.is_some())
}

#[test]
fn metrics_endpoint_receives_only_its_own_credentials() {
    let general = ("OTEL_EXPORTER_OTLP_HEADERS", "general=g");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "traces=t");
    let elsewhere = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://elsewhere/m");
    let at_vendor = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://Vendor:80/m");
    let hosted = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://otlp.agentops.ai/v1/metrics");
    let expected = |to: &str, headers: &[&str], has_token| {
        let headers = headers.iter().map(ToString::to_string).collect::<Vec<_>>();
        (to.to_owned(), headers, has_token)
    };
    let beside = "http://vendor/v1/metrics";
    let both = [general, traces, VENDOR];
    assert_eq!(metrics(&both), expected(beside, &["traces: t", "x-own: o"], false));
    let to_vendor = expected("http://Vendor:80/m", &["traces: t", "x-own: o"], false);
    assert_eq!(metrics(&[&both[..], &[at_vendor]].concat()), to_vendor);
    let to_elsewhere = expected("http://elsewhere/m", &["general: g", "x-own: o"], false);
    assert_eq!(metrics(&[&both[..], &[elsewhere]].concat()), to_elsewhere);
    assert_eq!(metrics(&[general, ours("http://ours"), elsewhere]), to_elsewhere);
    assert_eq!(metrics(&[general, API_KEY, elsewhere]), to_elsewhere);
    let to_ours = expected("http://ours/v1/metrics", &["x-own: o"], false);
    assert_eq!(metrics(&[general, ours("http://ours")]), to_ours);
    let to_hosted = "https://otlp.agentops.ai/v1/metrics";
    assert_eq!(metrics(&[general, API_KEY]), expected(to_hosted, &["x-own: o"], true));
    assert_eq!(metrics(&[general, VENDOR, hosted]), expected(to_hosted, &["x-own: o"], false));
}

#[test]
fn signal_path_precedes_query_of_base_endpoint() {
    for variable in ["OTEL_EXPORTER_OTLP_ENDPOINT", "AGENTOPS_EXPORTER_ENDPOINT"] {
        let to = |url: &str| destination(&from_env(&[(variable, url)]));
        assert_eq!(to("http://h?api_key=K"), "http://h/v1/traces?api_key=K");
        assert_eq!(to("http://u:p@h:1/?api_key=K/"), "http://u:p@h:1/v1/traces?api_key=K/");
        let beside = metrics(&[(variable, "http://h?api_key=K")]).0;
        assert_eq!(beside, "http://h/v1/metrics?api_key=K");
    }
    let base = destination(&from_env(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h/otlp/?a=b")]));
    assert_eq!(base, "http://h/otlp/v1/traces?a=b");
    let by_program = build(|builder| builder.exporter_endpoint("http://h?k=K"), &[]).unwrap();
    assert_eq!(destination(&by_program), "http://h/v1/traces?k=K");
    let api = from_env(&[API_KEY, ("AGENTOPS_API_ENDPOINT", "https://own/api/?zone=z")]);
    assert_eq!(
        destination(&api),
        "https://otlp.agentops.ai/v1/traces with a token from https://own/api/v3/auth/token"
    );
    let Destination::Otlp(target) = api.destination else { panic!("no endpoint") };
    let query = target.key.unwrap().token_endpoint.0.query().map(str::to_owned);
    assert_eq!(query.as_deref(), Some("zone=z"));
}

#[test]
fn endpoint_fragment_is_rejected_and_redacted() {
    for variable in [
        "AGENTOPS_API_ENDPOINT",
        "AGENTOPS_EXPORTER_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ] {
        for url in ["http://h#hunter2", "http://h/v1/traces?key=hunter2#hunter2"] {
            assert_eq!(
                build(|builder| builder, &[(variable, url)]).unwrap_err(),
                format!(
                    "`{variable}` has a fragment, which is not part of a request; \
                     leave out what begins with `#`, or write `%23` for it"
                )
            );
        }
    }
    assert!(build(|builder| builder, &[("AGENTOPS_APP_URL", "https://app/#/")]).is_ok());
}

#[test]
fn inline_key_in_path_variable_is_redacted() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhunter2\n-----END PRIVATE KEY-----\n";
    let escaped = pem.replace('\n', "\\n");
    let bare = format!("MIIEvQIBADANBgkq{}/hunter2+A==", "A".repeat(60));
    let wrapped = format!("{bare}\n{bare}");
    let spaced = format!(" {pem}");
    let itself = "holds a key or certificate itself; name a file in the format PEM";
    let missing = "names a file, which cannot be read: No such file or directory (os error 2); \
                   name a file in the format PEM";
    let token = "hunter2".repeat(3);
    let jwk = "{\"kty\":\"EC\",\"d\":\"hunter2./\"}";
    for variable in [
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    ] {
        for (value, problem) in [
            (pem, itself),
            (&spaced, itself),
            (&escaped, itself),
            (&bare, itself),
            (&wrapped, itself),
            (&token, missing),
            (jwk, missing),
        ] {
            let error = build(|builder| builder, &[(variable, value)]).unwrap_err();
            assert_eq!(error, format!("`{variable}` {problem}"));
        }
        let error = build(|builder| builder, &[(variable, "/no/such.pem")]).unwrap_err();
        assert!(error.contains("is `/no/such.pem`, which cannot be read: "), "{error}");
    }
    let error = build(|it| it.certificate(bare.as_str()), &[]).unwrap_err();
    assert_eq!(error, format!("`certificate` {itself}"));
    let error = build(|it| it.client_certificate("-----BEGIN hunter2", "x"), &[]).unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
}

#[cfg(unix)]
#[test]
fn request_method_variable_need_not_be_unicode() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    let text = |text: &str| OsString::from(text);
    let env = [
        (text("REQUEST_METHOD"), OsString::from_vec(vec![0xff])),
        (text("HTTP_PROXY"), OsString::from_vec(vec![0xff])),
        (text("AGENTOPS_EXPORTER_ENDPOINT"), text("http://h")),
    ];
    let config = TracingConfig::builder().build_in(&Environment::of(env)).unwrap();
    assert_eq!(config.notes.len(), 1, "{:?}", config.notes);
}
