//! With the feature `off` nothing of `tracing` is reached, and nothing of the program is looked at.

use std::sync::atomic::{AtomicUsize, Ordering};

use agentops::{Stats, TracingConfig, TracingCore, Usage};
use agentops_off_tests::{Untouchable, everything, expected};
use futures_util::FutureExt;
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id},
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

/// Counts whatever reaches it, beside the layer that would record it.
struct Counting;

static REACHED: AtomicUsize = AtomicUsize::new(0);

fn reached() {
    REACHED.fetch_add(1, Ordering::SeqCst);
}

impl<S: Subscriber> Layer<S> for Counting {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        reached();
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        reached();
        true
    }

    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        reached();
    }

    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        reached();
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        reached();
    }
}

#[test]
fn disabled_annotations_never_reach_tracing() {
    let folder = tempfile::tempdir().expect("a folder for what must not be written");
    let config = TracingConfig::builder().local_dir(folder.path()).build();
    let core = TracingCore::new(config.expect("a good configuration")).expect("a core");
    let subscriber = registry().with(agentops::layer(&core)).with(Counting);
    tracing::subscriber::set_global_default(subscriber).expect("this process has one test");

    let before = REACHED.load(Ordering::SeqCst);
    let result = everything(Untouchable(5)).now_or_never().expect("nothing waits");
    assert_eq!(result.map_err(|it| it.0), Ok(expected(5)));
    agentops::current()
        .set_attribute("key", 1)
        .set_usage(Usage::new().input(1).output(2))
        .event("event");
    assert!(agentops::current_session().is_none());
    assert_eq!(REACHED.load(Ordering::SeqCst), before);
    assert_eq!(core.shutdown().expect("nothing to deliver"), Stats::default());
    assert!(is_empty(folder.path()));

    // It does count: the callsite, whether it is enabled, the event.
    tracing::info!("seen");
    assert_eq!(REACHED.load(Ordering::SeqCst), before + 3);
}

fn is_empty(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
