//! Memory use of sessions that continue from other processes.

use std::{collections::HashMap, sync::Arc};

use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{super::open_sessions::open_sessions, *};
use crate::{config::TracingConfig, session::EndState, span::Tool, tracing_core::TracingCore};

/// Exporter that discards all spans.
#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

const QUEUE: usize = 1_000;
const BATCH: usize = 100;

#[test]
fn remote_sessions_are_kept_only_while_queued() {
    let config = TracingConfig::builder().exporter(Nowhere).console(false);
    let config = config.max_queue_size(QUEUE).max_batch_size(BATCH).build().unwrap();
    let core = TracingCore::new(config).unwrap();
    tracing::subscriber::with_default(registry().with(crate::layer(&core)), || {
        let registry = SessionRegistry::find().unwrap();
        // Every session holds the state of its core, so the reference count counts the sessions.
        let sessions = || Arc::strong_count(registry.core());
        let (before, mut most) = (sessions(), 0);
        for n in 1..=20_000_u64 {
            let header = |name: &str, value: String| (name.to_owned(), value);
            let headers = HashMap::from([
                header("traceparent", format!("00-{n:032x}-{n:016x}-01")),
                header("baggage", format!("session.id=s-{n},user.id=u-{n}")),
            ]);
            extract(&headers).in_scope(|| Tool::start("work").end(EndState::Success));
            most = most.max(sessions());
        }
        core.flush().unwrap_or_default();
        let stats = core.stats();
        assert_eq!((stats.started, stats.sent + stats.dropped), (20_000, 20_000));
        assert!(most <= before + 1 + QUEUE + 2 * BATCH, "{most}");
        assert_eq!(sessions(), before);
        assert!(open_sessions(&registry).is_empty());
    });
}
