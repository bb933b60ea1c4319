//! What OpenTelemetry's variables ask for that concerns the whole way out: `OTEL_TRACES_EXPORTER` and its like.

use super::{
    environment::Environment,
    variables::{
        AGENTOPS_API_KEY, AGENTOPS_EXPORTER_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL,
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER,
    },
};
use crate::{
    error::ConfigError,
    process::presentable::{listed, name},
};

/// The exporters that are asked for; without a word, none of these is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Nothing is to be exported.
    pub(super) none: bool,
    pub(super) otlp: bool,
    /// The sessions are to be shown, and stay here.
    pub(super) console: bool,
}

impl Asked {
    /// As OpenTelemetry wants it, what nobody knows is said and has no effect.
    pub(super) fn read(env: &Environment, notes: &mut Vec<String>) -> Result<Self, ConfigError> {
        let mut asked = Self::default();
        let list = env.text(OTEL_TRACES_EXPORTER)?.unwrap_or_default();
        let is_alone = !list.contains(',');
        let mut others = Vec::new();
        for exporter in list.split(',').map(str::trim).filter(|exporter| !exporter.is_empty()) {
            match exporter {
                "none" if is_alone => asked.none = true,
                "otlp" => asked.otlp = true,
                "console" | "logging" => asked.console = true,
                other => others.push(format!("`{}`", name(other))),
            }
        }
        if !others.is_empty() {
            let have = if others.len() == 1 { "has" } else { "have" };
            let others = listed(others);
            notes.push(format!(
                "`{OTEL_TRACES_EXPORTER}` names {others}, which {have} no effect; \
                 set it to `otlp`, `console` or `none`, or give the builder an `exporter`"
            ));
        }
        Ok(asked)
    }
}

/// What is to be said of these variables at the start.
pub(super) fn check(
    is_off: bool,
    is_otlp: bool,
    env: &Environment,
) -> Result<Vec<String>, ConfigError> {
    let protocol = check_protocol(env)?.filter(|_| is_otlp && !is_off);
    let contradiction = if is_off { check_destination(env)? } else { None };
    Ok([protocol, check_sampler(env)?, contradiction].into_iter().flatten().collect())
}

/// Whoever says where spans go, and that none go anywhere, is told which of it counts.
fn check_destination(env: &Environment) -> Result<Option<String>, ConfigError> {
    for variable in [AGENTOPS_EXPORTER_ENDPOINT, AGENTOPS_API_KEY] {
        if env.text(variable)?.is_some() {
            return Ok(Some(format!(
                "`{OTEL_TRACES_EXPORTER}` is `none`, so nothing is recorded although `{variable}` is set; \
                 unset one of them"
            )));
        }
    }
    Ok(None)
}

/// The protocol of requests that are sent here is one; another is said with the remedy.
fn check_protocol(env: &Environment) -> Result<Option<String>, ConfigError> {
    let names = [OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL];
    env.either(names, |name| {
        env.parse(name, |protocol| match protocol {
            "http/protobuf" => Ok(None),
            "grpc" | "http/json" => Ok(Some(format!(
                "`{name}` is `{protocol}`, but this sends OTLP over HTTP with protobuf; \
                 name the endpoint's port for HTTP, mostly 4318, and set `{name}` to `http/protobuf`"
            ))),
            _ => Err("expected `http/protobuf`"),
        })
    })
    .map(Option::flatten)
}

/// Who samples by OpenTelemetry's variable is told of ours.
fn check_sampler(env: &Environment) -> Result<Option<String>, ConfigError> {
    let sampler = env.text(OTEL_TRACES_SAMPLER)?;
    let sampler = sampler.filter(|it| !matches!(*it, "always_on" | "parentbased_always_on"));
    Ok(sampler.map(|sampler| {
        let sampler = name(sampler);
        format!(
            "`{OTEL_TRACES_SAMPLER}` is `{sampler}`, which has no effect on sessions; \
             set `AGENTOPS_SAMPLE_RATE` to the share of sessions that is to be recorded"
        )
    }))
}
