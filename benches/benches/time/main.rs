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

fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    if let [mode, case] = &args[..]
        && mode == "run"
    {
        (CASES[case.parse::<usize>().expect("the number of a case")].run)();
        // What is left is thrown away anyhow.
        process::exit(0);
    }
    let mut criterion = configured(args.iter().any(|arg| arg == "--quick"));
    let mut table = Table::default();
    let mut group = criterion.benchmark_group("time");
    group.sampling_mode(SamplingMode::Flat);
    CASES.iter().for_each(|case| measure(&mut group, case, &mut table));
    group.finish();
    criterion.final_summary();
    print!("{table}");
}

/// Short, since the table takes the median of many blocks and has no need of long samples.
fn configured(quick: bool) -> Criterion {
    // Left alone, criterion's quick mode stops as soon as two samples agree, as disturbed ones may, too.
    let (settled, longest) = if quick { (1e-9, 400) } else { (0.05, 2_500) };
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .nresamples(2_000)
        .significance_level(settled)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(longest))
        .configure_from_args()
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, case: &'static Case, table: &mut Table) {
    // A case that was not asked for starts nothing.
    let mut pair = None;
    group.bench_function(case.name, |bencher| {
        let pair = pair.get_or_insert_with(|| Pair::start(case));
        bencher.iter_custom(|calls| pair.alternate(calls));
    });
    if let Some(pair) = pair {
        table.add(case, pair.rounds());
    }
}
