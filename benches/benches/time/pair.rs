//! A case beside its peer, block by block.

use std::time::Duration;

use crate::{
    case::{Case, find},
    worker::Worker,
};

/// What one of a case's calls costs, in a process of its own.
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
    case: Cost,
    beside: Cost,
    rounds: Vec<Round>,
}

impl Pair {
    pub fn start(case: &'static Case) -> Self {
        let beside = Cost::of(find(case.beside));
        Self { case: Cost::of(case), beside, rounds: Vec::new() }
    }

    /// At least so many calls, in whole blocks and by turns with the peer: the time of so many of them.
    pub fn alternate(&mut self, calls: u64) -> Duration {
        let before = self.rounds.len();
        for _ in 0..calls.div_ceil(self.case.case.block) {
            self.rounds.push([self.case.round(), self.beside.round()]);
        }
        let costs = self.rounds[before..].iter().map(|[case, _]| case);
        let mean = costs.sum::<f64>() / (self.rounds.len() - before) as f64;
        // A difference of next to nothing may be negative, which no duration can be.
        Duration::from_nanos((mean * calls as f64).max(1.0) as u64)
    }

    pub fn rounds(self) -> Vec<Round> {
        self.rounds
    }
}
