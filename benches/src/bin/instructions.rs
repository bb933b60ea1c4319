//! Instructions of the caller's thread for each span, counted by callgrind, in one run with the peer.
//!
//! ```text
//! instructions            counts and prints the table
//! instructions --check    also compares it with `instructions.txt`
//! instructions --update   also writes `instructions.txt`
//! ```
//!
//! Seconds depend on the machine and on who else is using it; instructions do not.

use std::{
    cell::RefCell,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use agentops::{Session, TracingCore, opentelemetry::trace::TracerProvider};
use agentops_benches::{
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

/// So many calls are counted, and twice as many: the difference has no beginning and no end.
const CALLS: u64 = 20_000;

/// A change of more than this has to be explained.
const DRIFT: f64 = 0.02;

/// A way of doing the work, with its budget in DESIGN's terms.
struct Case {
    name: &'static str,
    run: fn(u64),
    /// At most so many instructions.
    most: Option<f64>,
    /// At most so much of the peer's.
    ratio: Option<f64>,
    /// What one of its calls is made of, beside the first.
    parts: u64,
}

const fn case(name: &'static str, run: fn(u64)) -> Case {
    Case { name, run, most: None, ratio: None, parts: 1 }
}

const PEER: &str = "peer: default layer + batch processor, 4 attributes";

const CASES: &[Case] = &[
    case("nothing: the bare function", |calls| counted(calls, bare)),
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
        counted(calls, |n| direct(&tracer, n));
    }),
    case("peer: SDK alone, made current, 4 attributes", |calls| {
        let provider = sdk_provider();
        let tracer = provider.tracer("peer");
        counted(calls, |n| direct_attached(&tracer, n));
    }),
    case("peer: fastrace, 4 attributes", |calls| {
        fastrace::set_reporter(Nowhere, Config::default());
        let root = RefCell::new(None);
        counted(calls, |n| {
            // It keeps so many spans below one root, and no more.
            if n % 10_000 == 0 {
                root.take();
                let span = Span::root("root", SpanContext::random());
                root.replace(Some((span.set_local_parent(), span)));
            }
            fast::with_4(n)
        });
    }),
    Case {
        ratio: Some(0.71),
        most: Some(6_400.0),
        ..case("tool, 4 attributes", |calls| alone(calls, ours::with_4))
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
    case("agent, 4 attributes", |calls| alone(calls, ours::agent_with_4)),
    case("llm, model and tokens", |calls| alone(calls, ours::llm_with_usage)),
    case("peer, async, 4 attributes, each further poll", |calls| {
        peer(default_layer(), calls, |n| block_on(instrument::polled(n, 10)));
    })
    .of_parts(10),
    Case {
        most: Some(1_000.0),
        ..case("tool, async, 4 attributes, each further poll", |calls| {
            alone(calls, |n| block_on(ours::polled(n, 10)));
        })
        .of_parts(10)
    },
    Case {
        most: Some(60.0),
        ..case("no session", |calls| {
            let _guard = init();
            // The first one of a callsite warns.
            ours::with_4(0);
            counted(calls, ours::with_4);
        })
    },
    case("no subscriber", |calls| counted(calls, ours::with_4)),
    case("filtered by the whole subscriber", |calls| {
        under(&core(), filtered, calls, ours::with_4);
    }),
    case("a session that is not sampled", |calls| {
        let core = core_with(|config| config.sample_rate(0.0));
        under(&core, by_itself, calls, ours::with_4);
    }),
];

impl Case {
    const fn of_parts(self, parts: u64) -> Self {
        Self { parts, ..self }
    }

    /// The budget, with a mark where it is missed.
    fn budget(&self, count: f64, ratio: f64) -> String {
        let most = self.most.map(|most| (most.to_string(), count > most));
        let share = self.ratio.map(|most| (format!("{most} ×"), ratio > most));
        let told: Vec<_> = [share, most].into_iter().flatten().collect();
        let texts: Vec<_> = told.iter().map(|(text, _)| text.as_str()).collect();
        let mark = if told.iter().any(|(_, missed)| *missed) { "✗ " } else { "" };
        format!("{mark}{}", texts.join(", "))
    }
}

fn peer(
    layer: impl tracing_subscriber::Layer<Registry> + Send + Sync,
    calls: u64,
    work: impl Fn(i64) -> i64,
) {
    set_global_default(Registry::default().with(layer)).expect("it is the first");
    info_span!("session").in_scope(|| counted(calls, work));
}

/// Ours, as `init` sets it up.
fn alone(calls: u64, work: impl Fn(i64) -> i64) {
    let _guard = init();
    Session::start("session").in_scope(|| counted(calls, work));
}

fn under<S: Subscriber + Send + Sync>(
    core: &TracingCore,
    subscriber: impl Fn(&TracingCore) -> S,
    calls: u64,
    work: impl Fn(i64) -> i64,
) {
    set_global_default(subscriber(core)).expect("it is the first");
    Session::start("session").in_scope(|| counted(calls, work));
}

/// What callgrind counts.
fn counted(calls: u64, work: impl Fn(i64) -> i64) {
    // What is done once is done before.
    work(0);
    agentops_benches_counted(calls, &work);
}

#[inline(never)]
fn agentops_benches_counted(calls: u64, work: &dyn Fn(i64) -> i64) {
    for n in 0..calls {
        work(n as i64);
    }
}

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["run", case, calls] => {
            let calls = calls.parse().expect("a whole number");
            (CASES[case.parse::<usize>().expect("the number of a case")].run)(calls);
            // What is left is thrown away anyhow.
            std::process::exit(0)
        }
        [] => report(&table()),
        ["--check"] => check(&table()),
        ["--update"] => update(&table()),
        _ => {
            eprintln!("usage: instructions [--check | --update]");
            ExitCode::from(2)
        }
    }
}

/// Each case with its instructions.
fn table() -> Vec<(&'static Case, f64)> {
    let count = |(number, case): (usize, &'static Case)| {
        let [once, twice] = [1, 2].map(|times| instructions(number, CALLS * times));
        let per_call = (twice - once) as f64 / CALLS as f64;
        (case, per_call)
    };
    let mut counted: Vec<_> = CASES.iter().enumerate().map(count).collect();
    let find = |name: &str| counted.iter().find(|(case, _)| case.name == name).map(|it| it.1);
    let (ours, theirs) = (find("tool, 4 attributes"), find(PEER));
    // Of a call that is polled again and again, what the span itself costs is told already.
    for (case, count) in &mut counted {
        if case.parts > 1 {
            let once = if case.name.starts_with("peer") { theirs } else { ours };
            *count = (*count - once.unwrap_or_default()) / case.parts as f64;
        }
    }
    counted
}

/// The instructions of the caller's thread.
fn instructions(case: usize, calls: u64) -> u64 {
    let dir = tempdir();
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--separate-threads=yes", "--fair-sched=yes"])
        .arg("--toggle-collect=*agentops_benches_counted*")
        .arg(format!("--callgrind-out-file={}", dir.join("out").display()))
        .arg(env::current_exe().expect("this program"))
        .args(["run", &case.to_string(), &calls.to_string()])
        .env_clear()
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "{}", CASES[case].name);
    let counted = fs::read_dir(&dir).expect("it was written").flatten().map(|it| total(&it.path()));
    let counted = counted.max().unwrap_or_default();
    fs::remove_dir_all(dir).expect("it is ours");
    counted
}

fn total(file: &Path) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).unwrap_or_default()
}

fn tempdir() -> PathBuf {
    let dir = env::temp_dir().join(format!("agentops-benches-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("a folder for a moment");
    dir
}

fn lines(table: &[(&Case, f64)]) -> String {
    let peer = peer_of(table);
    let line = |(case, count): &(&Case, f64)| {
        let budget = case.budget(*count, count / peer);
        format!("{:60} {count:>8.0} {budget:>18} {:>6.3}\n", case.name, count / peer)
    };
    table.iter().map(line).collect()
}

fn report(table: &[(&Case, f64)]) -> ExitCode {
    let (what, budget) = ("instructions for each span", "budget");
    print!("{what:60} {:>8} {budget:>18} {:>6}\n{}", "", "× peer", lines(table));
    ExitCode::SUCCESS
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

fn update(table: &[(&Case, f64)]) -> ExitCode {
    fs::write(file(), lines(table)).expect("it can be written");
    report(table)
}

fn check(table: &[(&Case, f64)]) -> ExitCode {
    report(table);
    let known = fs::read_to_string(file()).unwrap_or_default();
    let known = |name: &str| {
        let line = known.lines().find(|line| line.get(..60).map(str::trim_end) == Some(name))?;
        line.split_whitespace().nth_back(0)?.parse::<f64>().ok()
    };
    let peer = peer_of(table);
    let mut problems = Vec::new();
    for (case, count) in table.iter().filter(|(case, _)| !case.name.starts_with("peer")) {
        let ratio = count / peer;
        match known(case.name) {
            // What costs next to nothing may cost a little more.
            Some(known) if (ratio - known).abs() <= (known * DRIFT).max(0.002) => {}
            Some(known) => problems.push(format!(
                "`{}` was at {known:.3} and is at {ratio:.3}; say in the commit why, and run with `--update`",
                case.name
            )),
            None => problems.push(format!("`{}` is new; run with `--update`", case.name)),
        }
    }
    problems.iter().for_each(|problem| println!("{problem}"));
    ExitCode::from(u8::from(!problems.is_empty()))
}

fn peer_of(table: &[(&Case, f64)]) -> f64 {
    table.iter().find(|(case, _)| case.name == PEER).map_or(1.0, |(_, count)| *count)
}
