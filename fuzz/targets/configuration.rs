//! Whatever an environment holds, a configuration is built or an error names a variable.
#![no_main]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;

/// Those that name files are left out: they would be read.
const VARIABLES: [&str; 30] = [
    "AGENTOPS_API_ENDPOINT",
    "AGENTOPS_API_KEY",
    "AGENTOPS_APP_URL",
    "AGENTOPS_CAPTURE_CONTENT",
    "AGENTOPS_CONSOLE",
    "AGENTOPS_DEFAULT_TAGS",
    "AGENTOPS_DIALECT",
    "AGENTOPS_EXPORTER_ENDPOINT",
    "AGENTOPS_EXPORT_FLUSH_INTERVAL",
    "AGENTOPS_LOCAL_DIR",
    "AGENTOPS_LOG_SESSION_REPLAY_URL",
    "AGENTOPS_MAX_QUEUE_SIZE",
    "AGENTOPS_MAX_WAIT_TIME",
    "AGENTOPS_SAMPLE_RATE",
    "AGENTOPS_SAMPLE_SALT",
    "AGENTOPS_SPOOL_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
    "OTEL_METRICS_EXPORTER",
    "OTEL_SDK_DISABLED",
    "REQUEST_METHOD",
];

fuzz_target!(|values: Vec<(u8, Vec<u8>)>| {
    let variables = values.into_iter().map(|(number, value)| {
        let name = VARIABLES[usize::from(number) % VARIABLES.len()];
        (OsString::from(name), text(value))
    });
    if let Err(error) = agentops_core::fuzzing::configuration(variables.collect()) {
        assert!(VARIABLES.iter().any(|name| error.starts_with(&format!("`{name}`"))), "{error}");
    }
});

/// Not all that an environment holds is UTF-8.
#[cfg(unix)]
fn text(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn text(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
