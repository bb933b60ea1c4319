//! The account of spans adds up at every moment, whatever happens to them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use agentops::{Overflow, Stats, TracingConfig, TracingCore, session, tool};
use agentops_tests::{collector::Collector, log::Log};
use tracing::{Dispatch, dispatcher::with_default};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[tool]
fn step() {}

#[session]
fn work() {
    (0..10).for_each(|_| step());
}

fn assert_that_it_adds_up(stats: &Stats) {
    let settled = stats.sent + stats.spooled + stats.dropped + stats.failed;
    assert_eq!(stats.ended + stats.recovered, settled + stats.queued, "{stats:?}");
}

/// Four threads work for a core whose queue is too small, while a fifth looks at the account.
fn under_load(config: TracingConfig) -> (TracingCore, u64) {
    let core = TracingCore::new(config).unwrap();
    let subscriber = registry().with(agentops::layer(&core)).with(Log);
    let dispatch = Dispatch::new(subscriber);
    let done = AtomicBool::new(false);
    let samples = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut samples = 0_u64;
            while !done.load(Ordering::Relaxed) {
                assert_that_it_adds_up(&core.stats());
                samples += 1;
            }
            samples
        });
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let work = || (0..200).for_each(|_| work());
                let dispatch = &dispatch;
                scope.spawn(move || with_default(dispatch, work))
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        let _ = core.flush();
        done.store(true, Ordering::Relaxed);
        looking.join().unwrap()
    });
    (core, samples)
}

#[test]
fn account_covers_every_span_at_every_moment() {
    for is_spooled in [false, true] {
        let (collector, spool) = (Collector::start(), tempfile::tempdir().unwrap());
        let config = TracingConfig::builder()
            .exporter_endpoint(collector.address())
            .shutdown_timeout(Duration::from_secs(60))
            .max_queue_size(64)
            .overflow(Overflow::Drop)
            .max_wait_time(Duration::from_millis(1));
        let config = if is_spooled { config.spool_dir(spool.path()) } else { config };
        let (core, samples) = under_load(config.build().unwrap());
        assert!(samples > 100, "{samples}");
        let stats = match core.shutdown() {
            Ok(stats) => stats,
            Err(error) => error.stats().clone(),
        };
        assert_that_it_adds_up(&stats);
        let waiting = (stats.ended, stats.queued, stats.spooled, stats.failed);
        assert_eq!(waiting, (4 * 200 * 11, 0, 0, 0), "{stats:?}");
        let received: HashSet<_> =
            collector.spans().into_iter().map(|span| (span.trace_id, span.span_id)).collect();
        assert_eq!(received.len() as u64, stats.sent);
    }
}
