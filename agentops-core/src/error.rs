//! Errors at the start of tracing, and of spans without a session.

use std::fmt::Display;

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

/// Invalid setting or environment variable; the message names it and the remedy.
#[derive(thiserror::Error)]
#[error("{setting} {problem}")]
pub struct ConfigError {
    setting: String,
    problem: String,
}

impl ConfigError {
    /// Creates the error; `setting` is an environment variable or a builder method, without backticks.
    pub(crate) fn new(setting: impl AsRef<str>, problem: impl Into<String>) -> Self {
        let (setting, problem) = (name(setting.as_ref()), problem.into());
        let problem = presentable_ends(&problem, MAX_PROBLEM).into_owned();
        Self { setting: format!("`{setting}`"), problem }
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
}

impl NoActiveSession {
    pub(crate) fn new(kind: &'static str, place: &impl Display) -> Self {
        Self { kind, place: place.to_string() }
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
    #[error("the OTLP exporter cannot be built: {}", presentable_ends(.0, MAX_PROBLEM))]
    Exporter(String),
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
        let config = || ConfigError::new("X", "is 0; give a number of at least 1");
        let session = NoActiveSession::new("tool", &"`search`");
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
