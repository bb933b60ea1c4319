//! The ways of recording that are measured, each with the peer that it is beside.

use agentops_benches::{
    prompt::Prompts,
    stacks::{
        beside_another, by_itself, core, core_with, default_layer, filtered, init, tuned_layer,
    },
    work::{bare, direct, direct_attached, instrument, ours},
};

use crate::stack::{
    alone, capture_of, fastrace, json_of, peer, peer_on_two_threads, peer_polled, sdk, sessions,
    silent, tool_on_two_threads, tool_polled, under,
};

/// A way of doing the work, with its budget in DESIGN's terms.
pub struct Case {
    pub name: &'static str,
    /// Sets everything up and does blocks of calls as long as anybody asks.
    pub run: fn(),
    /// So many calls are timed at once: about a millisecond, since a busy system soon gives the processor to
    /// somebody else.
    pub block: u64,
    /// The spans of a call.
    pub spans: u64,
    /// The case that does everything but what is meant.
    pub less: Option<&'static str>,
    /// Number of times that a call does what is measured.
    pub parts: u64,
    /// The case that it is compared with.
    pub beside: &'static str,
    /// At most so many nanoseconds.
    pub most: Option<f64>,
    /// At most so much of what it is compared with.
    pub ratio: Option<f64>,
}

const fn case(name: &'static str, run: fn()) -> Case {
    Case {
        name,
        run,
        block: 1_000,
        spans: 1,
        less: None,
        parts: 1,
        beside: PEER,
        most: None,
        ratio: None,
    }
}

/// A way that records nothing, and needs more calls to be timed well.
const fn idle(name: &'static str, run: fn()) -> Case {
    Case { block: 50_000, spans: 0, ..case(name, run) }
}

impl Case {
    const fn beside(self, beside: &'static str) -> Self {
        Self { beside, ..self }
    }

    const fn without_spans(self) -> Self {
        Self { spans: 0, ..self }
    }

    const fn in_blocks_of(self, block: u64) -> Self {
        Self { block, ..self }
    }

    const fn less(self, less: &'static str) -> Self {
        Self { less: Some(less), ..self }
    }

    const fn of_parts(self, parts: u64) -> Self {
        Self { parts, ..self }
    }

    const fn at_most_ns(self, most: f64) -> Self {
        Self { most: Some(most), ..self }
    }

    const fn at_most(self, ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..self }
    }
}

const BARE: &str = "nothing: the bare function";
/// `#[tracing::instrument]`, the default layer and the SDK's batch processor.
const PEER: &str = "peer, 4 attributes";
const PEER_0: &str = "peer, 0 attributes";
const PEER_10: &str = "peer, 10 attributes";
const PEER_CONTENT: &str = "peer, small input and output";
const PEER_PROMPT: &str = "peer, 4 KiB prompt";
const PEER_READY: &str = "peer, async";
const PEER_POLLED: &str = "peer, async, 10 further polls";
const PEER_POLL: &str = "peer, async, each further poll";
const PEER_THREADS: &str = "peer, on two threads at once";
const TOOL_READY: &str = "tool, async";
const NO_PROMPT: &str = "tool, prompt not captured";
const JSON_4_KIB: &str = "serde_json::to_string, 4 KiB";
const JSON_32_KIB: &str = "serde_json::to_string, 32 KiB";
const CAPTURE_32_KIB: &str = "capture of a 32 KiB prompt";

const KIB: usize = 1 << 10;

pub const CASES: &[Case] = &[
    idle(BARE, || silent(bare)),
    case(PEER, || peer(default_layer(), instrument::with_4)),
    case(PEER_0, || peer(default_layer(), instrument::with_0)),
    case(PEER_10, || peer(default_layer(), instrument::with_10)),
    case(PEER_CONTENT, || {
        peer(default_layer(), |n| instrument::with_content("tea", n).len() as i64);
    }),
    case("peer, tuned layer", || peer(tuned_layer(), instrument::with_4)),
    case("peer, SDK alone", || sdk(direct)),
    case("peer, SDK alone, made current", || sdk(direct_attached)),
    case("peer, fastrace", fastrace),
    case("tool, 0 attributes", || alone(ours::with_0)).beside(PEER_0),
    case("tool, 4 attributes", || alone(ours::with_4)),
    case("tool, 10 attributes", || alone(ours::with_10)).beside(PEER_10),
    case("tool, beside another layer", || under(&core(), beside_another, ours::with_4)),
    case("tool, small input and output", || {
        alone(|n| ours::with_content("tea", n).len() as i64);
    })
    .beside(PEER_CONTENT),
    case("session", || sessions(ours::session_with_4)),
    case("agent", || alone(ours::agent_with_4)),
    case("llm, model and tokens", || alone(ours::llm_with_usage)),
    case("task", || alone(ours::task_with_4)),
    case("workflow", || alone(ours::workflow_with_4)),
    case("operation", || alone(ours::operation_with_4)),
    case("guardrail", || alone(ours::guardrail_with_4)),
    case("traced, a kind of its own", || alone(ours::custom_with_4)),
    case(JSON_4_KIB, || json_of(4 * KIB)).without_spans().in_blocks_of(500),
    case(PEER_PROMPT, || {
        let prompts = Prompts::of(4 * KIB);
        peer(default_layer(), |n| instrument::with_prompt(prompts.nth(n)) as i64);
    })
    .in_blocks_of(250),
    case("tool, 4 KiB prompt", || capture_of(4 * KIB)).beside(PEER_PROMPT).in_blocks_of(250),
    case(NO_PROMPT, || {
        let prompts = Prompts::of(4 * KIB);
        alone(|n| ours::without_prompt(prompts.nth(n)) as i64);
    }),
    // So few find memory at hand, as a text does that goes away at once.
    case("capture of a 4 KiB prompt", || capture_of(4 * KIB))
        .less(NO_PROMPT)
        .beside(JSON_4_KIB)
        .in_blocks_of(25)
        .at_most(1.3),
    // So many need new pages: the allocator returns those of each burst once it is delivered.
    case("capture of a 4 KiB prompt, 500 in a burst", || capture_of(4 * KIB))
        .less(NO_PROMPT)
        .beside(JSON_4_KIB)
        .in_blocks_of(500)
        .at_most(1.3),
    case(JSON_32_KIB, || json_of(32 * KIB)).without_spans().in_blocks_of(50),
    case(CAPTURE_32_KIB, || capture_of(32 * KIB))
        .less(NO_PROMPT)
        .beside(JSON_32_KIB)
        .in_blocks_of(16),
    case("capture of a 10 MB prompt", || capture_of(10_000_000))
        .less(NO_PROMPT)
        .beside(CAPTURE_32_KIB)
        .in_blocks_of(16)
        .at_most(2.0),
    case(PEER_READY, || peer_polled(0)),
    case(PEER_POLLED, || peer_polled(10)).in_blocks_of(300),
    case(PEER_POLL, || peer_polled(10)).less(PEER_READY).of_parts(10).in_blocks_of(300),
    case(TOOL_READY, || tool_polled(0)).beside(PEER_READY),
    case("tool, async, 10 further polls", || tool_polled(10)).beside(PEER_POLLED).in_blocks_of(300),
    case("tool, async, each further poll", || tool_polled(10))
        .less(TOOL_READY)
        .of_parts(10)
        .beside(PEER_POLL)
        .in_blocks_of(300),
    case(PEER_THREADS, || peer_on_two_threads(instrument::with_4)),
    case("tool, on two threads at once", || tool_on_two_threads(ours::with_4)).beside(PEER_THREADS),
    idle("no session", || {
        let _guard = init();
        silent(ours::with_4);
    })
    .in_blocks_of(10_000),
    idle("no subscriber", || silent(ours::with_4)),
    idle("no subscriber, beyond the bare function", || silent(ours::with_4))
        .less(BARE)
        .at_most_ns(5.0),
    idle("filtered by the whole subscriber", || under(&core(), filtered, ours::with_4)),
    idle("a session that is not sampled", || {
        let core = core_with(|config| config.sample_rate(0.0));
        under(&core, by_itself, ours::with_4);
    }),
];

/// The case of that name.
pub fn find(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).expect("a case has that name")
}
