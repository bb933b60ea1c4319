//! What can go wrong when tracing starts.

use std::fmt::Display;

use crate::process::presentable::{name, presentable_ends};

/// As much of what is wrong with a setting is told, which repeats what that is: of its start and of its end.
const MAX_PROBLEM: [usize; 2] = [600, 599];

/// Has the `Debug` of an error show the text of its `Display`: `unwrap` and a `main` that returns it print the
/// former.
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

/// A setting that cannot be used; the message names it and says what would do.
#[derive(thiserror::Error)]
#[error("{setting} {problem}")]
pub struct ConfigError {
    setting: String,
    problem: String,
}

impl ConfigError {
    /// `setting` is an environment variable or a builder method, in backticks.
    pub(crate) fn new(setting: impl AsRef<str>, problem: impl Into<String>) -> Self {
        let (setting, problem) = (name(setting.as_ref()), problem.into());
        let problem = presentable_ends(&problem, MAX_PROBLEM).into_owned();
        Self { setting: format!("`{setting}`"), problem }
    }
}

/// A span was asked for where no session is open, so it would have had no root.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} {place} was called outside of any session and is not recorded; call it below a `#[session]` \
     function, and spawn it by `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`; \
     where a server or a queue calls it, put `#[session]` above it"
)]
pub struct NoActiveSession {
    kind: &'static str,
    /// Its name in backticks, and its file and line.
    place: String,
}

impl NoActiveSession {
    pub(crate) fn new(kind: &'static str, place: &impl Display) -> Self {
        Self { kind, place: place.to_string() }
    }
}

/// Why tracing could not start.
#[derive(thiserror::Error)]
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
    /// `init` was called before, and its guard is gone: a process records once.
    #[error(
        "agentops was initialised before and has shut down with its guard; call `init` once, in `main`, and bind \
         the guard to a name, such as `_guard`, that lives as long as the program"
    )]
    AlreadyShutDown,
    /// The exporter could not be built.
    #[error("the OTLP exporter cannot be built: {}", presentable_ends(.0, MAX_PROBLEM))]
    Exporter(String),
    /// The thread that delivers spans could not be started.
    #[error("the delivery thread cannot be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The handlers of signals could not be installed.
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
