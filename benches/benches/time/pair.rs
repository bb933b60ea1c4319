//! A case beside its peer, block by block.

use std::time::{Duration, Instant};

use crate::{
    case::{Case, find},
    worker::Worker,
};

/// Cost of one call of a case, in a process of its own.
struct Cost {
    case: &'static Case,
    whole: Worker,
    less: Option<Worker>,
}

impl Cost {
    fn of(case: &'static Case) -> Self {
        let less = case.less.map(|name| Worker::start(find(name)));
        Self { case, whole: Worker::start(case), less }
    }

    fn round(&mut self) -> f64 {
        let Case { block, parts, .. } = *self.case;
        let less = self.less.as_mut().map_or(0.0, |less| less.block(block));
        (self.whole.block(block) - less) / parts as f64
    }
}

/// Nanoseconds of the case and of its peer, measured one right after the other.
pub type Round = [f64; 2];

/// The two of them.
pub struct Pair {
    case: &'static Case,
    /// Processes are not alike either, by the addresses that they happen to get: after a while come new ones.
    life: Duration,
    at_work: Option<AtWork>,
    rounds: Vec<Round>,
}

struct AtWork {
    since: Instant,
    costs: [Cost; 2],
}

impl AtWork {
    fn start(case: &'static Case) -> Self {
        let costs = [case, find(case.beside)].map(Cost::of);
        Self { since: Instant::now(), costs }
    }
}

impl Pair {
    pub fn new(case: &'static Case, life: Duration) -> Self {
        Self { case, life, at_work: None, rounds: Vec::new() }
    }

    /// At least so many calls, in whole blocks and by turns with the peer: the time of so many of them.
    pub fn alternate(&mut self, calls: u64) -> Duration {
        let costs = (0..calls.div_ceil(self.case.block)).map(|_| self.round());
        let mean = costs.sum::<f64>() / calls.div_ceil(self.case.block) as f64;
        // A difference of next to nothing may be negative, which no duration can be.
        Duration::from_nanos((mean * calls as f64).max(1.0) as u64)
    }

    /// Cost of the case.
    fn round(&mut self) -> f64 {
        self.at_work.take_if(|them| them.since.elapsed() > self.life);
        let them = self.at_work.get_or_insert_with(|| AtWork::start(self.case));
        let round = them.costs.each_mut().map(Cost::round);
        self.rounds.push(round);
        round[0]
    }

    pub fn rounds(self) -> Vec<Round> {
        self.rounds
    }
}
