//! What can go wrong when tracing starts.

use std::fmt;

/// A setting that cannot be used; the message names it and says what would do.
#[derive(Debug, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct ConfigError {
    setting: String,
    problem: String,
}

impl ConfigError {
    /// `setting` is an environment variable or a builder method, in backticks.
    pub(crate) fn new(setting: impl AsRef<str>, problem: impl Into<String>) -> Self {
        Self { setting: format!("`{}`", setting.as_ref()), problem: problem.into() }
    }
}

/// A span was asked for where no session is open, so it would have had no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{name}`{} {problem}", Place(*place))]
pub struct NoActiveSession {
    kind: &'static str,
    name: String,
    place: Option<(&'static str, u32)>,
    problem: &'static str,
}

impl NoActiveSession {
    pub(crate) fn new(kind: &'static str, name: &str, problem: &'static str) -> Self {
        Self { kind, name: name.to_owned(), place: None, problem }
    }

    /// Adds the file and line of the call, where they are known.
    pub(crate) fn at(self, place: Option<(&'static str, u32)>) -> Self {
        Self { place, ..self }
    }
}

/// A file and line in parentheses, or nothing.
pub(crate) struct Place(pub(crate) Option<(&'static str, u32)>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |(file, line)| write!(f, " ({file}:{line})"))
    }
}

/// Why tracing could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The program already has a global `tracing` subscriber.
    #[error(
        "a global `tracing` subscriber is already set; add `agentops::layer(&core)` to it, \
         where `core` is a `TracingCore`, instead of calling `init`"
    )]
    SubscriberAlreadySet,
    /// `init` was called before and its guard is still alive.
    #[error("agentops is already initialised; keep the guard of the first `init` and call it once")]
    AlreadyInitialised,
    /// The exporter could not be built.
    #[error("the OTLP exporter cannot be built: {0}")]
    Exporter(String),
    /// The thread that delivers spans could not be started.
    #[error("the delivery thread cannot be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The handlers of signals could not be installed.
    #[error("signals cannot be handled: {0}")]
    Signals(#[source] std::io::Error),
}
