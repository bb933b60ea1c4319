//! A way of recording, set up for the whole process: it does blocks of calls as long as anybody asks.

use std::time::Instant;

use agentops::{Session, SessionContext, TracingCore, opentelemetry::trace::TracerProvider};
use agentops_benches::{
    prompt::Prompts,
    stacks::{Nowhere, default_layer, init, sdk_provider},
    work::{fast, instrument, ours},
};
use fastrace::{
    Span,
    collector::{Config, SpanContext},
};
use futures_executor::block_on;
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{Subscriber, info_span, subscriber::set_global_default};
use tracing_subscriber::{Layer, Registry, layer::SubscriberExt};

use crate::block::{serve, timed, two_at_once};

/// Where nothing is recorded, nothing is delivered.
pub fn silent(work: impl Fn(i64) -> i64) {
    serve(|calls| timed(calls, &work), || {});
}

/// The peer: a layer over the SDK's batch processor.
pub fn peer(layer: impl Layer<Registry> + Send + Sync, work: impl Fn(i64) -> i64) {
    set_global_default(Registry::default().with(layer)).expect("it is the first");
    info_span!("session").in_scope(|| serve(|calls| timed(calls, &work), flush_sdk));
}

pub fn peer_polled(polls: u32) {
    peer(default_layer(), move |n| block_on(instrument::polled(n, polls)));
}

pub fn peer_on_two_threads(work: impl Fn(i64) -> i64 + Sync) {
    set_global_default(Registry::default().with(default_layer())).expect("it is the first");
    let span = info_span!("session");
    let enter = |half: &mut dyn FnMut()| span.in_scope(half);
    serve(|calls| two_at_once(calls, enter, &work), flush_sdk);
}

/// The SDK, without `tracing`.
pub fn sdk(work: impl Fn(&SdkTracer, i64) -> i64) {
    let tracer = sdk_provider().tracer("peer");
    serve(|calls| timed(calls, |n| work(&tracer, n)), flush_sdk);
}

fn flush_sdk() {
    sdk_provider().force_flush().expect("it arrives");
}

/// It hands its spans on when their root ends, which therefore belongs to the block.
pub fn fastrace() {
    fastrace::set_reporter(Nowhere, Config::default());
    let block = |calls| {
        let began = Instant::now();
        let root = Span::root("root", SpanContext::random());
        let entered = root.set_local_parent();
        timed(calls, fast::with_4);
        drop((entered, root));
        began.elapsed()
    };
    serve(block, fastrace::flush);
}

/// Ours, as `init` sets it up.
pub fn alone(work: impl Fn(i64) -> i64) {
    let guard = init();
    let flush = || guard.flush().expect("it arrives");
    Session::start("session").in_scope(|| serve(|calls| timed(calls, &work), flush));
}

/// Ours, where each call is a session.
pub fn sessions(work: impl Fn(i64) -> i64) {
    let guard = init();
    serve(|calls| timed(calls, &work), || guard.flush().expect("it arrives"));
}

/// Ours, with a subscriber of the program's own.
pub fn under<S: Subscriber + Send + Sync>(
    core: &TracingCore,
    subscriber: impl Fn(&TracingCore) -> S,
    work: impl Fn(i64) -> i64,
) {
    set_global_default(subscriber(core)).expect("it is the first");
    let flush = || core.flush().expect("it arrives");
    Session::start("session").in_scope(|| serve(|calls| timed(calls, &work), flush));
}

pub fn tool_polled(polls: u32) {
    alone(move |n| block_on(ours::polled(n, polls)));
}

pub fn tool_on_two_threads(work: impl Fn(i64) -> i64 + Sync) {
    let guard = init();
    let session = Session::start("session");
    let place = session.in_scope(SessionContext::current);
    let enter = |half: &mut dyn FnMut()| place.in_scope(half);
    let flush = || guard.flush().expect("it arrives");
    serve(|calls| two_at_once(calls, enter, &work), flush);
}

pub fn capture_of(bytes: usize) {
    let prompts = Prompts::of(bytes);
    alone(|n| ours::with_prompt(prompts.nth(n)) as i64);
}

/// Peer that a capture is compared with.
pub fn json_of(bytes: usize) {
    let prompts = Prompts::of(bytes);
    let json = |n| serde_json::to_string(prompts.nth(n)).expect("a text can be written");
    silent(|n| json(n).len() as i64);
}
