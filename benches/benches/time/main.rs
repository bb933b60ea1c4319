//! Nanoseconds of each way of recording, and the ratio to its peer.
//!
//! ```text
//! parent: criterion ─▶ iter_custom ─┬─▶ child: the case     timed blocks of calls, by turns, so that a machine
//!                                   └─▶ child: its peer     that others use slows both of them
//! ```
//!
//! Each way has a process of its own, and so the global subscriber of its own that programs have.
//!
//! ```text
//! cargo bench --bench time -- [--quick] [FILTER]    criterion's options
//! ```

mod block;
mod case;
mod pair;
mod stack;
mod table;
mod worker;

use std::{env, process, time::Duration};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};

use self::{
    case::{CASES, Case},
    pair::Pair,
    table::Table,
};

/// So many of each case, one after the other.
const PROCESSES: u32 = 4;

fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    if let [mode, case] = &args[..]
        && mode == "run"
    {
        (CASES[case.parse::<usize>().expect("the number of a case")].run)();
        // What is left is thrown away anyhow.
        process::exit(0);
    }
    let quick = args.iter().any(|arg| arg == "--quick");
    let longest = Duration::from_millis(if quick { 400 } else { 2_500 });
    let mut criterion = configured(longest);
    let mut table = Table::default();
    let mut group = criterion.benchmark_group("time");
    group.sampling_mode(SamplingMode::Flat);
    CASES.iter().for_each(|case| measure(&mut group, case, longest / PROCESSES, &mut table));
    group.finish();
    criterion.final_summary();
    print!("{table}");
}

/// Short, since the table takes the median of many blocks and has no need of long samples.
fn configured(longest: Duration) -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .nresamples(2_000)
        // Else criterion's quick mode stops as soon as two samples agree, as disturbed ones may, too.
        .significance_level(1e-9)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(longest)
        .configure_from_args()
}

fn measure(
    group: &mut BenchmarkGroup<'_, WallTime>,
    case: &'static Case,
    life: Duration,
    table: &mut Table,
) {
    let mut pair = Pair::new(case, life);
    group.bench_function(case.name, |bencher| bencher.iter_custom(|calls| pair.alternate(calls)));
    table.add(case, pair.rounds());
}
