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
    pub(super) fn spans_of(&self, traces: &[TraceId]) -> Vec<SpanData> {
        // An error of `flush` is ignored: spans that were not delivered are missing in the result.
        let _ = self.core.flush();
        let delivered = self.delivered.traces();
        let of_trace = |trace: &TraceId| {
            let mut spans = delivered.get(trace).cloned().unwrap_or_default();
            spans.sort_by_key(|span| span.start_time);
            spans
        };
        traces.iter().flat_map(of_trace).collect()
    }

    pub(super) fn forget(&self, traces: &[TraceId]) {
        let mut delivered = self.delivered.traces();
        traces.iter().for_each(|trace| _ = delivered.remove(trace));
    }
}
