//! Where tracing is off nothing is recorded, and nothing counts as an orphan; `setups.rs` has what is said.
//!
//! This process has no global subscriber; each test brings its own for its own thread.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use agentops::{
    Stats, session, tool,
    tracing::{self, Level},
};
use agentops_tests::{Recording, log};
use tracing_subscriber::{Layer, filter::LevelFilter, layer::SubscriberExt, registry};

#[tool]
fn quiet_tool(n: u8) -> u8 {
    n + 1
}

#[session]
fn quiet_session() -> u8 {
    quiet_tool(1)
}

/// Calls a tool alone and in a session; what the core then counts.
fn work_under(
    recording: &Recording,
    subscriber: impl tracing::Subscriber + Send + Sync + 'static,
) -> Stats {
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!([quiet_tool(1), quiet_session()], [2, 2]);
    });
    recording.core.flush().unwrap();
    recording.core.stats()
}

#[test]
fn subscriber_is_needed_to_record() {
    let recording = Recording::new(|builder| builder);
    let counts = work_under(&recording, tracing::subscriber::NoSubscriber::new());
    assert_eq!(counts, Stats::default());
}

#[test]
fn layer_of_ours_is_needed_to_record() {
    let recording = Recording::new(|builder| builder);
    assert_eq!(work_under(&recording, registry().with(log::Log)), Stats::default());
}

#[test]
fn global_filter_disables_recording() {
    let recording = Recording::new(|builder| builder);
    let subscriber =
        registry().with(agentops::layer(&recording.core)).with(log::Log).with(LevelFilter::WARN);
    assert_eq!(work_under(&recording, subscriber), Stats::default());
}

#[test]
fn shutdown_stops_recording_with_one_warning() {
    #[session]
    fn belated_session() -> u8 {
        quiet_tool(1)
    }
    let recording = Recording::new(|builder| builder);
    recording.core.shutdown().unwrap();
    let subscriber = registry().with(agentops::layer(&recording.core)).with(log::Log);
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!([belated_session(), belated_session()], [2, 2]);
    });
    assert_eq!(recording.core.stats(), Stats::default());
    assert_eq!(
        log::lines_with("belated_session"),
        [
            "session `belated_session` (tests/off.rs:58) was started after agentops had shut down and is not recorded; bind \
          the guard of `init` to a name, such as `_guard`, and keep it until the program ends"
        ]
    );
}

#[test]
fn unsampled_session_is_silent_throughout() {
    let recording = Recording::new(|builder| builder.sample_rate(0.0));
    let subscriber = registry().with(agentops::layer(&recording.core)).with(log::Log);
    tracing::subscriber::with_default(subscriber, || assert_eq!(quiet_session(), 2));
    assert_eq!(recording.core.stats(), Stats::default());
}

#[test]
fn session_hidden_by_level_is_silent_throughout() {
    #[session(level = "debug")]
    fn hidden_session() -> u8 {
        quiet_tool(1)
    }
    let recording = Recording::new(|builder| builder);
    let subscriber =
        registry().with(agentops::layer(&recording.core)).with(log::Log).with(LevelFilter::INFO);
    tracing::subscriber::with_default(subscriber, || assert_eq!(hidden_session(), 2));
    assert_eq!(recording.core.stats(), Stats::default());
}

#[test]
fn filters_of_other_layers_do_not_affect_ours() {
    let recording = Recording::new(|builder| builder);
    let only_errors = log::Log.with_filter(LevelFilter::from_level(Level::ERROR));
    let subscriber = registry().with(agentops::layer(&recording.core)).with(only_errors);
    tracing::subscriber::with_default(subscriber, || assert_eq!(quiet_session(), 2));
    assert_eq!(recording.tree_of("quiet_session"), "session quiet_session\n  tool quiet_tool\n");
}

#[test]
fn content_that_is_not_captured_is_nowhere() {
    #[tool]
    fn keeps(secret: &str) -> Result<String, String> {
        Ok(secret.to_owned())
    }
    #[session]
    fn discreet(secret: &str) -> String {
        keeps(secret).unwrap()
    }
    let recording = Recording::new(|builder| builder.capture_content(false));
    let subscriber = registry().with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, || discreet("hunter2"));
    let trace = format!("{:?}", recording.trace_of("discreet"));
    assert!(!trace.contains("hunter2") && !trace.contains("put.value"), "{trace}");
}
