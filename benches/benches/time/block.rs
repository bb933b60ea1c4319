//! A block of calls, timed as a whole: what a child does whenever it is asked.

use std::{
    hint::black_box,
    io::stdin,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use agentops_benches::stacks::arrived;

/// Does the blocks that the parent asks for, and delivers each one before the next, which is not timed: so no
/// queue ever gets full, and a span that is dropped makes no case look cheap.
pub fn serve(block: impl Fn(u64) -> Duration, flush: impl Fn()) {
    for calls in stdin().lines() {
        let calls: u64 =
            calls.expect("the parent writes lines").parse().expect("a number of calls");
        // The caches are still those of the process whose turn it was.
        block(calls / 16 + 16);
        flush();
        let arrived_before = arrived();
        let took = block(calls);
        flush();
        println!("{} {}", took.as_nanos(), arrived() - arrived_before);
    }
}

/// So many calls.
pub fn timed(calls: u64, work: impl Fn(i64) -> i64) -> Duration {
    let began = Instant::now();
    for n in 0..calls {
        black_box(work(black_box(n as i64)));
    }
    began.elapsed()
}

/// The same on two threads at once, half of the calls each: what they take together.
pub fn two_at_once(
    calls: u64,
    enter: impl Fn(&mut dyn FnMut()) + Sync,
    work: impl Fn(i64) -> i64 + Sync,
) -> Duration {
    let start = Barrier::new(2);
    let half = || {
        let mut took = Duration::ZERO;
        enter(&mut || {
            start.wait();
            took = timed(calls / 2, &work);
        });
        took
    };
    thread::scope(|scope| {
        let other = scope.spawn(half);
        half() + other.join().expect("it ends")
    })
}
