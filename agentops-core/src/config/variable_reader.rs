//! Environment variables, read with errors that name them.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    time::Duration,
};

use super::variable_names::{self, Variable};
use crate::error::{ConfigError, ConfigErrorKind};

/// Reason why a text is not the value of a setting.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) kind: ConfigErrorKind,
    /// Description of the expected value.
    pub(super) expected: &'static str,
}

impl From<&'static str> for Misfit {
    fn from(expected: &'static str) -> Self {
        Self { kind: ConfigErrorKind::Unknown, expected }
    }
}

/// Snapshot of the environment variables.
#[derive(Debug, Default)]
pub(super) struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    pub(super) fn of_the_process() -> Self {
        Self { variables: env::vars_os().collect() }
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn of<T: Into<OsString>>(variables: impl IntoIterator<Item = (T, T)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: variables.collect() }
    }

    /// Returns a variable's text without surrounding spaces. An empty one counts as not set, as in OpenTelemetry.
    pub(super) fn text(&self, name: Variable) -> Result<Option<&str>, ConfigError> {
        match self.variables.get(OsStr::new(name.name())) {
            None => Ok(None),
            Some(value) => match value.to_str().map(str::trim) {
                None => Err(ConfigError::new(
                    name,
                    ConfigErrorKind::NotUnicode,
                    "is not valid UTF-8; set it to plain text or unset it",
                )),
                Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            },
        }
    }

    /// Returns `true` if a variable has any value, readable or not.
    pub(super) fn is_set(&self, name: Variable) -> bool {
        self.variables.get(OsStr::new(name.name())).is_some_and(|value| !value.is_empty())
    }

    /// Returns a variable's parsed value, if it is set. The error of `parse` describes the expected value.
    pub(super) fn parse<T, E: Into<Misfit>>(
        &self,
        name: Variable,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        self.parse_as(name, |text| format!("is `{text}`"), parse)
    }

    /// Returns a variable's parsed value like [`parse`](Self::parse), with an error that does not show the value.
    pub(super) fn parse_secret<T>(
        &self,
        name: Variable,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ConfigError> {
        self.parse_as(name, |_| "cannot be read".to_owned(), parse)
    }

    fn parse_as<T, E: Into<Misfit>>(
        &self,
        name: Variable,
        problem: impl FnOnce(&str) -> String,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = parse(text).map(Some);
        parsed.map_err(|misfit| {
            let Misfit { kind, expected } = misfit.into();
            ConfigError::new(name, kind, format!("{}; {expected}", problem(text)))
        })
    }

    /// Returns the value of the first of two variables that is set. Both are read, so that an invalid one is reported.
    pub(super) fn either<T>(
        &self,
        names: [Variable; 2],
        read: impl Fn(Variable) -> Result<Option<T>, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let [first, second] = names.map(read);
        Ok(first?.or(second?))
    }

    /// Returns warnings about variables that look like those of agentops but are never read.
    pub(super) fn unknown(&self) -> Vec<String> {
        variable_names::unknown(self.variables.keys().filter_map(|name| name.to_str()))
    }

    pub(super) fn flag(&self, name: Variable) -> Result<Option<bool>, ConfigError> {
        self.parse(name, flag)
    }
}

fn flag(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" | "t" => Ok(true),
        "false" | "0" | "off" | "no" | "f" => Ok(false),
        _ => Err("expected `true` or `false`"),
    }
}

pub(super) fn count(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number of at least 1"),
        Ok(count) => Ok(count),
    }
}

pub(super) fn milliseconds(text: &str) -> Result<Duration, &'static str> {
    text.parse().map(Duration::from_millis).map_err(|_| "expected a whole number of milliseconds")
}

pub(super) fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or("expected a number from 0 to 1")
}

/// Parses the modes of the Python GenAI utilities, and the booleans that others use.
pub(super) fn message_content(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_uppercase().as_str() {
        "SPAN_ONLY" | "SPAN_AND_EVENT" => Ok(true),
        "NO_CONTENT" | "EVENT_ONLY" => Ok(false),
        _ => flag(text).map_err(|_| {
            "expected `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, `true` or `false`"
        }),
    }
}
