//! OpenTelemetry variables that concern the export as a whole: `OTEL_TRACES_EXPORTER` and the like.

use super::{
    variable_names::{
        AGENTOPS_API_KEY, AGENTOPS_EXPORTER_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL,
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER,
    },
    variable_reader::Environment,
};
use crate::{
    error::ConfigError,
    process::presentable::{listed, name},
};

/// Exporters that `OTEL_TRACES_EXPORTER` asks for; none of these if it is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Nothing is exported.
    pub(super) none: bool,
    pub(super) otlp: bool,
    /// Sessions are printed on stderr and stay in local files.
    pub(super) console: bool,
}

impl Asked {
    /// Reads the variable. Unknown exporters have no effect but a warning, as OpenTelemetry specifies.
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

/// Returns warnings about these variables to report at startup.
pub(super) fn check(
    is_off: bool,
    is_otlp: bool,
    env: &Environment,
) -> Result<Vec<String>, ConfigError> {
    let protocol = check_protocol(env)?.filter(|_| is_otlp && !is_off);
    let contradiction = if is_off { check_destination(env)? } else { None };
    Ok([protocol, check_sampler(env)?, contradiction].into_iter().flatten().collect())
}

/// Returns a warning if a destination is set although nothing is exported.
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

/// Returns a warning with the remedy if a protocol other than the supported one is set.
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

/// Returns a warning that names `AGENTOPS_SAMPLE_RATE` if a sampler is set by OpenTelemetry's variable.
fn check_sampler(env: &Environment) -> Result<Option<String>, ConfigError> {
    let sampler = env.text(OTEL_TRACES_SAMPLER)?;
    let sampler = sampler
        .filter(|sampler_name| !matches!(*sampler_name, "always_on" | "parentbased_always_on"));
    Ok(sampler.map(|sampler| {
        let sampler = name(sampler);
        format!(
            "`{OTEL_TRACES_SAMPLER}` is `{sampler}`, which has no effect on sessions; \
             set `AGENTOPS_SAMPLE_RATE` to the share of sessions that is to be recorded"
        )
    }))
}
