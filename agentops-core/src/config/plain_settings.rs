//! Settings that are a flag, a count or a text: the program's value first, then the variable's.

use opentelemetry::KeyValue;

use super::{
    variable_names::{
        AGENTOPS_CAPTURE_CONTENT, AGENTOPS_DEFAULT_TAGS,
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, OTEL_SERVICE_NAME, Variable,
    },
    variable_reader::{self, Environment},
};
use crate::{
    error::{ConfigError, ConfigErrorKind},
    record::semconv::SERVICE_NAME,
};

pub(super) fn flag(
    set: Option<bool>,
    env: &Environment,
    variable: Variable,
) -> Result<Option<bool>, ConfigError> {
    // The variable is read even if the program has set a value, so that an invalid one is always reported.
    let from_env = env.flag(variable)?;
    Ok(set.or(from_env))
}

pub(super) fn positive(
    setting: &str,
    set: Option<usize>,
    from_env: Option<usize>,
    default: usize,
) -> Result<usize, ConfigError> {
    match set.or(from_env).unwrap_or(default) {
        0 => Err(ConfigError::new(
            setting,
            ConfigErrorKind::OutOfRange,
            "is 0; give a number of at least 1",
        )),
        number => Ok(number),
    }
}

/// Drops `OTEL_SERVICE_NAME` if the program sets `service.name` as an attribute, which must win. (The SDK would
/// prefer the name among `OTEL_RESOURCE_ATTRIBUTES` to that of `OTEL_SERVICE_NAME`.)
pub(super) fn service_name(
    set: Option<String>,
    attributes: &[KeyValue],
    env: &Environment,
) -> Result<Option<String>, ConfigError> {
    let is_attribute = attributes.iter().any(|attribute| attribute.key.as_str() == SERVICE_NAME);
    let from_env = env.text(OTEL_SERVICE_NAME)?.filter(|_| !is_attribute);
    Ok(set.or(from_env.map(str::to_owned)))
}

pub(super) fn tags(
    set: Option<Vec<String>>,
    env: &Environment,
) -> Result<Vec<String>, ConfigError> {
    let from_env = env.parse(AGENTOPS_DEFAULT_TAGS, |list| {
        let tags = list.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        Ok::<_, &str>(tags.map(str::to_owned).collect())
    })?;
    Ok(set.or(from_env).unwrap_or_default())
}

/// Reads the crate's own variable first, then the one shared by instrumentations of generative AI.
pub(super) fn capture_content(set: Option<bool>, env: &Environment) -> Result<bool, ConfigError> {
    const SHARED: Variable = OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
    let ours = env.flag(AGENTOPS_CAPTURE_CONTENT)?;
    let shared = env.parse(SHARED, variable_reader::message_content)?;
    Ok(set.or(ours).or(shared).unwrap_or(true))
}
