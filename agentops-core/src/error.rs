//! Errors at the start of tracing, and of spans without a session.

use std::{error::Error, fmt::Display};

use crate::process::presentable::{name, presentable_ends};

/// Maximum characters of the start and end of a problem with a setting, which may repeat the value.
const MAX_PROBLEM: [usize; 2] = [600, 599];

/// Implements `Debug` of an error by its `Display`: `unwrap`, and a `main` that returns the error, print `Debug`.
macro_rules! debug_as_display {
    ($($error:ty),+ $(,)?) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}

pub(crate) use debug_as_display;

debug_as_display!(ConfigError, InitError, NoActiveSession);

/// Setting or environment variable that cannot be used; the message names it and the remedy.
///
/// ```
/// use agentops::{ConfigErrorKind, TracingConfig};
///
/// let error = TracingConfig::builder().max_queue_size(0).build().unwrap_err();
/// assert_eq!((error.setting(), error.kind()), ("max_queue_size", ConfigErrorKind::OutOfRange));
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}` {problem}")]
pub struct ConfigError {
    setting: String,
    kind: ConfigErrorKind,
    problem: String,
}

/// Kind of a [`ConfigError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// A variable is not valid UTF-8.
    NotUnicode,
    /// A value of a variable is none that the setting knows, such as a word in place of a number.
    Unknown,
    /// A value of the program is out of range: a number, a time or a text that must not be zero or empty, or a rate
    /// beyond 1.
    OutOfRange,
    /// An address cannot be used.
    Address,
    /// A header or a key has characters that none may have.
    Characters,
    /// A certificate or a key in the format PEM was not found, or its file cannot be read.
    Pem,
    /// Another setting, which this one needs, is missing.
    Incomplete,
    /// The value is known, but this build or this crate does not support it.
    Unsupported,
}

impl ConfigError {
    /// Creates the error; `setting` is an environment variable or a builder method, without backticks.
    pub(crate) fn new(
        setting: impl AsRef<str>,
        kind: ConfigErrorKind,
        problem: impl Into<String>,
    ) -> Self {
        let (setting, problem) = (name(setting.as_ref()).to_string(), problem.into());
        let problem = presentable_ends(&problem, MAX_PROBLEM).into_owned();
        Self { setting, kind, problem }
    }

    /// Returns the environment variable or the method of the builder that has the value.
    #[must_use]
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ConfigErrorKind {
        self.kind
    }
}

/// Error of a span that was requested outside of any session and would have had no root.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} {place} was called outside of any session and is not recorded; call it below a `#[session]` \
     function, and spawn it by `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`; \
     where a server or a queue calls it, put `#[session]` above it"
)]
pub struct NoActiveSession {
    kind: &'static str,
    /// Name in backticks, with file and line.
    place: String,
    reason: NoSessionReason,
}

/// Reason for a [`NoActiveSession`], at the time of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoSessionReason {
    /// No session is open: none has been started, or all of them have ended.
    NoneOpen,
    /// Sessions are open, but the calling code is in none of them. Often its task or thread was spawned without its
    /// session.
    OutsideOfOpen,
}

impl NoActiveSession {
    pub(crate) fn new(kind: &'static str, place: &impl Display, reason: NoSessionReason) -> Self {
        Self { kind, place: place.to_string(), reason }
    }

    /// Returns the reason why the call has no session.
    #[must_use]
    pub const fn reason(&self) -> NoSessionReason {
        self.reason
    }
}

/// Error of a failed start of tracing.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A setting or environment variable cannot be used.
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
    /// `init` was called before, and its guard has been dropped: tracing cannot be restarted in a process.
    #[error(
        "agentops was initialised before and has shut down with its guard; call `init` once, in `main`, and bind \
         the guard to a name, such as `_guard`, that lives as long as the program"
    )]
    AlreadyShutDown,
    /// The exporter could not be built.
    #[error("the OTLP exporter cannot be built: {}", presentable_ends(&.0.to_string(), MAX_PROBLEM))]
    Exporter(#[source] Box<dyn Error + Send + Sync>),
    /// The export thread could not be started.
    #[error("the delivery thread cannot be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The signal handlers could not be installed.
    #[error("signals cannot be handled: {0}")]
    Signals(#[source] std::io::Error),
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn debug_shows_the_text_that_display_has() {
        let zero = "is 0; give a number of at least 1";
        let config = || ConfigError::new("X", ConfigErrorKind::OutOfRange, zero);
        let session = NoActiveSession::new("tool", &"`search`", NoSessionReason::NoneOpen);
        let shown = [
            format!("{:?}", config()),
            format!("{:?}", InitError::from(config())),
            format!("{:?}", InitError::Thread(io::Error::other("no more threads"))),
            format!("{session:?}"),
        ];
        let config = "`X` is 0; give a number of at least 1";
        assert_eq!(
            shown,
            [
                config,
                config,
                "the delivery thread cannot be started: no more threads",
                "tool `search` was called outside of any session and is not recorded; call it below a \
                 `#[session]` function, and spawn it by `agentops::spawn`, with `.in_current_session()` or by \
                 `agentops::thread::spawn`; where a server or a queue calls it, put `#[session]` above it",
            ]
        );
        assert_eq!(
            format!("{:?}", Err::<(), _>(InitError::AlreadyInitialised)),
            format!("Err({})", InitError::AlreadyInitialised)
        );
    }
}
