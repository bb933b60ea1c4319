//! Store for the spans of all tests in a process: one core, installed once.

use std::{
    collections::HashMap,
    sync::{Arc, MutexGuard, OnceLock},
    time::Duration,
};

use opentelemetry::TraceId;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::{
    config::TracingConfig,
    process::Lock,
    queue::DeliveryError,
    tracing_core::{TracingCore, layer},
};

/// Global core and the spans it has delivered.
#[derive(Debug)]
pub(super) struct Store {
    core: TracingCore,
    delivered: Delivered,
}

type Traces = HashMap<TraceId, Vec<SpanData>>;

#[derive(Clone, Debug, Default)]
struct Delivered(Arc<Lock<Traces>>);

impl Delivered {
    fn traces(&self) -> MutexGuard<'_, Traces> {
        self.0.lock()
    }
}

impl SpanExporter for Delivered {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut traces = self.traces();
        for span in batch {
            traces.entry(span.span_context.trace_id()).or_default().push(span);
        }
        Ok(())
    }
}

impl Store {
    /// Returns the store. The first call creates it and installs it as the global subscriber.
    pub(super) fn global() -> &'static Self {
        static STORE: OnceLock<Store> = OnceLock::new();
        STORE.get_or_init(Self::install)
    }

    fn install() -> Self {
        let delivered = Delivered::default();
        let config = TracingConfig::builder()
            .exporter(delivered.clone())
            .console(false)
            .capture_content(true)
            .sample_rate(1.0)
            .max_wait_time(Duration::ZERO)
            .shutdown_timeout(Duration::from_secs(60))
            .build();
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        assert!(!config.disabled, "`OTEL_SDK_DISABLED` is set; unset it for tests that capture");
        let core = TracingCore::new(config).unwrap_or_else(|error| panic!("{error}"));
        let subscriber = Registry::default().with(layer(&core));
        let set = tracing::subscriber::set_global_default(subscriber);
        assert!(
            set.is_ok(),
            "a global `tracing` subscriber is already set; start the `Capture` before it, \
             and leave `agentops::init` out of tests"
        );
        Self { core, delivered }
    }

    /// Returns the spans of these traces, trace by trace, each in order of start.
    ///
    /// # Errors
    /// Returns an error if spans were not delivered, which may be missing in the traces.
    pub(super) fn spans_of(&self, traces: &[TraceId]) -> Result<Vec<SpanData>, DeliveryError> {
        self.core.flush()?;
        let delivered = self.delivered.traces();
        let of_trace = |trace: &TraceId| {
            let mut spans = delivered.get(trace).cloned().unwrap_or_default();
            spans.sort_by_key(|span| span.start_time);
            spans
        };
        Ok(traces.iter().flat_map(of_trace).collect())
    }

    pub(super) fn forget(&self, traces: &[TraceId]) {
        let mut delivered = self.delivered.traces();
        traces.iter().for_each(|trace| _ = delivered.remove(trace));
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::error::OTelSdkError;
    use tracing::subscriber::with_default;

    use super::*;
    use crate::{session::EndState, span::Session};

    #[derive(Debug)]
    struct Fails;

    impl SpanExporter for Fails {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            Err(OTelSdkError::InternalFailure("no room".to_owned()))
        }
    }

    #[test]
    fn spans_of_returns_the_error_of_a_flush() {
        let config = TracingConfig::builder().exporter(Fails).console(false).sample_rate(1.0);
        let core = TracingCore::new(config.build().unwrap()).unwrap();
        let store = Store { core: core.clone(), delivered: Delivered::default() };
        with_default(Registry::default().with(layer(&core)), || {
            Session::start("lost").end(EndState::Success);
        });
        let error = store.spans_of(&[]).unwrap_err().to_string();
        assert!(error.contains("no room"), "{error}");
    }
}
