//! List of all environment variables that are read; a [`Variable`] cannot be made elsewhere.

use std::{collections::BTreeSet, fmt};

use crate::process::presentable::{self, MOST_LISTED};

/// Name of an environment variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Variable(&'static str);

impl Variable {
    pub(super) const fn name(self) -> &'static str {
        self.0
    }
}

impl AsRef<str> for Variable {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! variables {
    ($($(#[$attribute:meta])* $name:ident)*) => {
        $($(#[$attribute])* pub(super) const $name: Variable = Variable(stringify!($name));)*
        /// All of these variables.
        pub(super) const ALL: &[Variable] = &[$($(#[$attribute])* $name),*];
    };
}

variables! {
    AGENTOPS_API_ENDPOINT
    AGENTOPS_API_KEY
    AGENTOPS_APP_URL
    AGENTOPS_CAPTURE_CONTENT
    AGENTOPS_CONSOLE
    AGENTOPS_DEFAULT_TAGS
    AGENTOPS_DIALECT
    AGENTOPS_EXPORTER_ENDPOINT
    AGENTOPS_EXPORT_FLUSH_INTERVAL
    AGENTOPS_LOCAL_DIR
    AGENTOPS_LOCAL_MAX_AGE
    AGENTOPS_LOCAL_MAX_BYTES
    AGENTOPS_LOCAL_MAX_SESSIONS
    AGENTOPS_LOG_SESSION_REPLAY_URL
    AGENTOPS_MAX_QUEUE_SIZE
    AGENTOPS_MAX_WAIT_TIME
    AGENTOPS_REDACT_CREDENTIALS
    AGENTOPS_SAMPLE_RATE
    AGENTOPS_SAMPLE_SALT
    AGENTOPS_SESSION_DRAIN_TIMEOUT
    AGENTOPS_SPOOL_DIR

    OTEL_EXPORTER_OTLP_CERTIFICATE
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
    OTEL_EXPORTER_OTLP_CLIENT_KEY
    OTEL_EXPORTER_OTLP_COMPRESSION
    OTEL_EXPORTER_OTLP_ENDPOINT
    OTEL_EXPORTER_OTLP_HEADERS
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT
    OTEL_EXPORTER_OTLP_PROTOCOL
    OTEL_EXPORTER_OTLP_TIMEOUT
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
    OTEL_EXPORTER_OTLP_TRACES_HEADERS
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT
    OTEL_METRICS_EXPORTER
    OTEL_METRIC_EXPORT_INTERVAL
    OTEL_SDK_DISABLED
    OTEL_TRACES_EXPORTER
    OTEL_TRACES_SAMPLER
    OTEL_SERVICE_NAME
    // Read by the SDK, into the resource.
    OTEL_RESOURCE_ATTRIBUTES

    ALL_PROXY
    HTTPS_PROXY
    HTTP_PROXY
    NO_PROXY
    // Set by a CGI server for a program that answers one request, beside one variable for each header.
    REQUEST_METHOD
}

/// Returns the lower-case spelling of a proxy variable; any other variable is returned unchanged.
pub(super) const fn small(variable: Variable) -> Variable {
    match variable.0.as_bytes() {
        b"ALL_PROXY" => Variable("all_proxy"),
        b"HTTPS_PROXY" => Variable("https_proxy"),
        b"HTTP_PROXY" => Variable("http_proxy"),
        b"NO_PROXY" => Variable("no_proxy"),
        _ => variable,
    }
}

/// Returns warnings about variables that look like those of agentops but are not.
pub(super) fn unknown<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let known: BTreeSet<_> = ALL.iter().map(|variable| variable.0).collect();
    let unknown = names.filter(|name| looks_like_ours(name) && !known.contains(name));
    let (told, more): (Vec<_>, Vec<_>) = unknown.enumerate().partition(|(n, _)| *n < MOST_LISTED);
    let more = (!more.is_empty()).then(|| {
        format!("{} more variables look like those of agentops and have no effect", more.len())
    });
    told.into_iter().map(|(_, name)| complaint(name)).chain(more).collect()
}

fn looks_like_ours(name: &str) -> bool {
    bare(name).starts_with("AGENTOPS")
}

/// Normalizes a name for comparison, without `_`, `-` and case.
fn bare(name: &str) -> String {
    name.replace(['_', '-'], "").to_ascii_uppercase()
}

fn complaint(name: &str) -> String {
    let remedy = match nearest(name) {
        Some(variable) => format!("did you mean `{variable}`?"),
        None => "unset it, or look its name up in the documentation of `TracingConfigBuilder`"
            .to_owned(),
    };
    let name = presentable::name(name);
    format!("`{name}` is no variable of agentops and has no effect; {remedy}")
}

fn nearest(name: &str) -> Option<Variable> {
    let name = bare(name);
    let ours = ALL.iter().filter(|variable| looks_like_ours(variable.0));
    let measured = ours.map(|variable| (distance(&name, &bare(variable.0)), *variable));
    let (distance, variable) = measured.min_by_key(|(distance, _)| *distance)?;
    (distance <= FARTHEST).then_some(variable)
}

/// Maximum edit distance of a suggestion; beyond it, two names are different words.
pub(super) const FARTHEST: usize = 3;

/// Returns the edit distance (insertions, deletions, substitutions) of two texts.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let changed = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_variables_list_ten_and_count_rest() {
        let names: Vec<_> = (0..30).map(|n| format!("AGENTOPS_\u{1b}{n:02}")).collect();
        let told = unknown(names.iter().map(String::as_str));
        assert_eq!(told.len(), 11);
        assert!(told[9].starts_with(r"`AGENTOPS_\u{1b}09` is no variable"), "{}", told[9]);
        assert_eq!(told[10], "20 more variables look like those of agentops and have no effect");
    }

    #[test]
    fn unknown_variable_warning_suggests_nearest() {
        let names = [
            "AGENTOPS_SAMPLERATE",
            "AGENT_OPS_API_KEY",
            "agentops_console",
            "AGENTOPS_ENDPOINT_OF_EXPORTS",
            "AGENTOPS_SAMPLE_RATE",
            "OTEL_WHATEVER",
            "MY_AGENTOPS_KEY",
        ];
        let effect = "is no variable of agentops and has no effect;";
        let documentation =
            "unset it, or look its name up in the documentation of `TracingConfigBuilder`";
        assert_eq!(
            unknown(names.into_iter()),
            [
                format!("`AGENTOPS_SAMPLERATE` {effect} did you mean `AGENTOPS_SAMPLE_RATE`?"),
                format!("`AGENT_OPS_API_KEY` {effect} did you mean `AGENTOPS_API_KEY`?"),
                format!("`agentops_console` {effect} did you mean `AGENTOPS_CONSOLE`?"),
                format!("`AGENTOPS_ENDPOINT_OF_EXPORTS` {effect} {documentation}"),
            ]
        );
    }
}
