//! Warnings at startup, and the destinations that OpenTelemetry's variables choose.

use super::*;

/// Returns the warnings reported at startup.
fn notes(
    configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
    variables: &[(&str, &str)],
) -> Vec<String> {
    build(configure, variables).unwrap().notes
}

#[test]
fn unknown_variable_warning_omits_value() {
    let said = notes(|it| it, &[("AGENTOPS_APIKEY", "hunter2"), ("AGENTOPS_API_KEY", "k")]);
    let expected = "`AGENTOPS_APIKEY` is no variable of agentops and has no effect; \
                    did you mean `AGENTOPS_API_KEY`?";
    assert_eq!(said, [expected]);
}

#[test]
fn unsupported_protocol_warns_for_otlp_destination() {
    const GENERAL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
    const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4317");
    let said = |name: &str, protocol: &str| {
        [format!(
            "`{name}` is `{protocol}`, but this sends OTLP over HTTP with protobuf; \
             name the endpoint's port for HTTP, mostly 4318, and set `{name}` to `http/protobuf`"
        )]
    };
    assert_eq!(notes(|it| it, &[endpoint, (GENERAL, "grpc")]), said(GENERAL, "grpc"));
    let both = [endpoint, (GENERAL, "http/protobuf"), (TRACES, "http/json")];
    assert_eq!(notes(|it| it, &both), said(TRACES, "http/json"));
    let silent = [&[endpoint, (GENERAL, "http/protobuf")][..], &[(GENERAL, "grpc")]];
    assert!(silent.iter().all(|variables| notes(|it| it, variables).is_empty()));
    let error = build(|it| it, &[(GENERAL, "udp")]).unwrap_err();
    assert_eq!(error, format!("`{GENERAL}` is `udp`; expected `http/protobuf`"));
}

#[test]
fn traces_exporter_variable_selects_local_or_otlp() {
    const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h");
    let ours = ("AGENTOPS_EXPORTER_ENDPOINT", "http://ours");
    let chosen = |variables: &[(&str, &str)]| {
        let config = from_env(variables);
        (destination(&config), config.console, config.disabled)
    };
    let expected = |to: &str, console, disabled| (to.to_owned(), console, disabled);
    let local = "files in .agentops/sessions";
    let (otlp, usual) = ("http://h/v1/traces", "http://localhost:4318/v1/traces");
    assert_eq!(chosen(&[(EXPORTER, "otlp")]), expected(usual, None, false));
    assert_eq!(chosen(&[(EXPORTER, "otlp"), endpoint]), expected(otlp, None, false));
    assert_eq!(chosen(&[(EXPORTER, "console"), endpoint]), expected(local, Some(true), false));
    let both = [(EXPORTER, "otlp, console"), endpoint];
    assert_eq!(chosen(&both), expected(otlp, Some(true), false));
    let named = [(EXPORTER, "console"), ours];
    assert_eq!(chosen(&named), expected("http://ours/v1/traces", Some(true), false));
    let quiet = [(EXPORTER, "console"), ("AGENTOPS_CONSOLE", "off")];
    assert_eq!(chosen(&quiet), expected(local, Some(false), false));
    assert_eq!(chosen(&[(EXPORTER, "none"), endpoint]), expected(otlp, None, true));
    let said = notes(|it| it, &[(EXPORTER, "none,zipkin")]);
    let unknown = |names: &str| {
        format!(
            "`{EXPORTER}` names {names} no effect; \
             set it to `otlp`, `console` or `none`, or give the builder an `exporter`"
        )
    };
    assert_eq!(said, [unknown("`none`, `zipkin`, which have")]);
    let said = notes(|it| it, &[(EXPORTER, "zipkin")]);
    assert_eq!(said, [unknown("`zipkin`, which has")]);
}

#[test]
fn traces_exporter_none_disables_unless_builder_overrides() {
    let none = ("OTEL_TRACES_EXPORTER", "none");
    let disabled = |config: Result<TracingConfig, String>| config.unwrap().disabled;
    let by_program = [
        build(|builder| builder, &[none]),
        build(|builder| builder.exporter(Nowhere), &[none]),
        build(|builder| builder.exporter_endpoint("http://h"), &[none]),
        build(|builder| builder.api_key("k"), &[none]),
        build(|builder| builder.disabled(false), &[none]),
        build(|builder| builder.disabled(false), &[("OTEL_SDK_DISABLED", "true")]),
        build(|builder| builder.disabled(true), &[]),
    ];
    let expected = [true, false, false, false, false, false, true];
    assert_eq!(by_program.map(disabled), expected);
    assert!(notes(|it| it, &[none]).is_empty());
    let said = notes(|it| it, &[none, ("AGENTOPS_API_KEY", "k")]);
    let expected = "`OTEL_TRACES_EXPORTER` is `none`, so nothing is recorded although \
                    `AGENTOPS_API_KEY` is set; unset one of them";
    assert_eq!(said, [expected]);
}

#[test]
fn traces_sampler_variable_warns_of_no_effect() {
    let said = notes(|it| it, &[("OTEL_TRACES_SAMPLER", "always_off")]);
    let expected = "`OTEL_TRACES_SAMPLER` is `always_off`, which has no effect on sessions; \
                    set `AGENTOPS_SAMPLE_RATE` to the share of sessions that is to be recorded";
    assert_eq!(said, [expected]);
    assert!(notes(|it| it, &[("OTEL_TRACES_SAMPLER", "parentbased_always_on")]).is_empty());
}
