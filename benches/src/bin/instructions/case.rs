//! Cases: the same work by each way of recording.

use std::{cell::RefCell, hint::black_box};

use agentops::{Session, TracingCore, opentelemetry::trace::TracerProvider};
use agentops_benches::{
    prompt::Prompts,
    stacks::{
        Nowhere, beside_another, by_itself, core, core_with, default_layer, filtered, idle_layer,
        init, sdk_provider, tuned_layer,
    },
    work::{bare, direct, direct_attached, fast, instrument, ours},
};
use fastrace::{
    Span,
    collector::{Config, SpanContext},
};
use futures_executor::block_on;
use tracing::{Subscriber, info_span, subscriber::set_global_default};
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// After so many calls what has ended is delivered, which is not counted: no queue gets full, and a span that
/// is dropped makes no case look cheap.
const BURST: u64 = 1_000;

/// A way of doing the work, with its budget in DESIGN's terms.
pub struct Case {
    pub name: &'static str,
    pub run: fn(u64),
    /// At most so many instructions.
    pub most: Option<f64>,
    /// At most so much of another case.
    pub ratio: Option<f64>,
    /// Which one that is.
    pub beside: &'static str,
    /// So many calls are counted, and twice as many: the difference has no beginning and no end.
    pub calls: u64,
    /// Case whose count is subtracted.
    pub without: Option<&'static str>,
    /// So many times a call does what is left.
    pub times: u64,
    /// `true` if another thread works meanwhile, so that the count differs from run to run: it is printed and gates
    /// nothing.
    pub varies: bool,
}

const fn case(name: &'static str, run: fn(u64)) -> Case {
    let (most, ratio, without) = (None, None, None);
    Case { name, run, most, ratio, beside: PEER, calls: 20_000, without, times: 1, varies: false }
}

const TOOL: &str = "tool, 4 attributes";
const TO_STRING: &str = "peer: serde_json::to_string, 4 KiB prompt";
const NOT_CAPTURED: &str = "tool, prompt not captured";
const PROMPT_32_KIB: &str = "tool, 32 KiB prompt";
const NO_SUBSCRIBER: &str = "no subscriber";
pub const PEER: &str = "peer: default layer + batch processor, 4 attributes";

pub const CASES: &[Case] = &[
    case("nothing: the bare function", |calls| counted(calls, bare, || {})),
    case(PEER, |calls| peer(default_layer(), calls, instrument::with_4)),
    case("peer, 0 attributes", |calls| peer(default_layer(), calls, instrument::with_0)),
    case("peer, 10 attributes", |calls| peer(default_layer(), calls, instrument::with_10)),
    case("peer, small output by `ret`", |calls| {
        peer(default_layer(), calls, |n| instrument::with_content("tea", n).len() as i64);
    }),
    case("peer: tuned layer + batch processor, 4 attributes", |calls| {
        peer(tuned_layer(), calls, instrument::with_4);
    }),
    case("peer: tuned layer with activation over a tracer that does nothing", |calls| {
        peer(idle_layer(), calls, instrument::with_0);
    }),
    case("peer: SDK alone, 4 attributes", |calls| {
        let provider = sdk_provider();
        let tracer = provider.tracer("peer");
        counted(calls, |n| direct(&tracer, n), flush_sdk);
    }),
    case("peer: SDK alone, made current, 4 attributes", |calls| {
        let provider = sdk_provider();
        let tracer = provider.tracer("peer");
        counted(calls, |n| direct_attached(&tracer, n), flush_sdk);
    }),
    case("peer: fastrace, 4 attributes", |calls| {
        fastrace::set_reporter(Nowhere, Config::default());
        let root = RefCell::new(None);
        let begin = || {
            let span = Span::root("root", SpanContext::random());
            root.replace(Some((span.set_local_parent(), span)));
        };
        begin();
        // It hands its spans on when their root ends.
        let next = || {
            root.take();
            fastrace::flush();
            begin();
        };
        counted(calls, fast::with_4, next);
    }),
    Case {
        ratio: Some(0.71),
        most: Some(6_400.0),
        ..case(TOOL, |calls| alone(calls, ours::with_4))
    },
    Case {
        varies: true,
        ..case("the same, flat out", |calls| {
            let _guard = init();
            Session::start("session").in_scope(|| counted_flat_out(calls, ours::with_4));
        })
    },
    case("tool, 0 attributes", |calls| alone(calls, ours::with_0)),
    case("tool, 10 attributes", |calls| alone(calls, ours::with_10)),
    Case {
        ratio: Some(0.75),
        ..case("tool, 4 attributes, beside another layer", |calls| {
            under(&core(), beside_another, calls, ours::with_4);
        })
    },
    Case {
        most: Some(8_300.0),
        ..case("tool, 4 attributes, small input and output", |calls| {
            alone(calls, |n| ours::with_content("tea", n).len() as i64);
        })
    },
    case(TO_STRING, |calls| {
        let prompts = Prompts::of(4 << 10);
        let json = |n| serde_json::to_string(prompts.nth(n)).expect("a text can be written");
        counted(calls, |n| black_box(json(n)).len() as i64, || {});
    })
    .long(),
    case(NOT_CAPTURED, |calls| {
        let prompts = Prompts::of(4 << 10);
        alone(calls, |n| ours::without_prompt(prompts.nth(n)) as i64);
    }),
    Case {
        ratio: Some(1.3),
        beside: TO_STRING,
        ..case("tool, 4 KiB prompt, beyond one not captured", |calls| prompt(calls, 4 << 10))
    }
    .long()
    .beyond(NOT_CAPTURED, 1),
    case(PROMPT_32_KIB, |calls| prompt(calls, 32 << 10)).long(),
    Case {
        ratio: Some(2.0),
        beside: PROMPT_32_KIB,
        ..case("tool, 10 MB prompt", |calls| prompt(calls, 10 << 20))
    }
    .long(),
    case("agent, 4 attributes", |calls| alone(calls, ours::agent_with_4)),
    case("llm, model and tokens", |calls| alone(calls, ours::llm_with_usage)),
    case("peer, async, 4 attributes, each further poll", |calls| {
        peer(default_layer(), calls, |n| block_on(instrument::polled(n, 10)));
    })
    .beyond(PEER, 10),
    Case {
        most: Some(1_000.0),
        ..case("tool, async, 4 attributes, each further poll", |calls| {
            alone(calls, |n| block_on(ours::polled(n, 10)));
        })
        .beyond(TOOL, 10)
    },
    Case {
        most: Some(60.0),
        ..case("no session: the factory's door, beyond no subscriber", |calls| {
            let _guard = init();
            // The first one of a callsite warns.
            ours::with_4(0);
            counted(calls, ours::with_4, || {});
        })
        .beyond(NO_SUBSCRIBER, 1)
    },
    case(NO_SUBSCRIBER, |calls| counted(calls, ours::with_4, || {})),
    case("filtered by the whole subscriber", |calls| {
        under(&core(), filtered, calls, ours::with_4);
    }),
    case("a session that is not sampled", |calls| {
        let core = core_with(|config| config.sample_rate(0.0));
        under(&core, by_itself, calls, ours::with_4);
    }),
];

impl Case {
    /// Each call takes so long that fewer will do.
    const fn long(self) -> Self {
        Self { calls: 2 * BURST, ..self }
    }

    const fn beyond(self, other: &'static str, times: u64) -> Self {
        Self { without: Some(other), times, ..self }
    }
}

fn peer(
    layer: impl tracing_subscriber::Layer<Registry> + Send + Sync,
    calls: u64,
    work: impl Fn(i64) -> i64,
) {
    set_global_default(Registry::default().with(layer)).expect("it is the first");
    info_span!("session").in_scope(|| counted(calls, work, flush_sdk));
}

/// A prompt of so many bytes, captured as far as that is the default.
fn prompt(calls: u64, bytes: usize) {
    let prompts = Prompts::of(bytes);
    alone(calls, |n| ours::with_prompt(prompts.nth(n)) as i64);
}

/// Ours, as `init` sets it up.
fn alone(calls: u64, work: impl Fn(i64) -> i64) {
    let guard = init();
    let flush = || guard.flush().expect("it arrives");
    Session::start("session").in_scope(|| counted(calls, work, flush));
}

fn under<S: Subscriber + Send + Sync>(
    core: &TracingCore,
    subscriber: impl Fn(&TracingCore) -> S,
    calls: u64,
    work: impl Fn(i64) -> i64,
) {
    set_global_default(subscriber(core)).expect("it is the first");
    let flush = || core.flush().expect("it arrives");
    Session::start("session").in_scope(|| counted(calls, work, flush));
}

fn flush_sdk() {
    sdk_provider().force_flush().expect("it arrives");
}

/// The part that callgrind counts.
fn counted(calls: u64, work: impl Fn(i64) -> i64, flush: impl Fn()) {
    // What is done once is done before.
    work(0);
    for _ in 0..calls / BURST {
        agentops_benches_counted(BURST, &work);
        flush();
    }
}

/// Where the delivery comes to it as it can.
fn counted_flat_out(calls: u64, work: impl Fn(i64) -> i64) {
    work(0);
    agentops_benches_counted(calls, &work);
}

#[inline(never)]
fn agentops_benches_counted(calls: u64, work: &dyn Fn(i64) -> i64) {
    for n in 0..calls {
        work(n as i64);
    }
}
