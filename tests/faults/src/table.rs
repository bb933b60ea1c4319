//! The scenarios: what goes wrong, and how much may be lost.

use std::{path::PathBuf, time::Duration};

use crate::{
    fault::{Fault, first},
    scenario::{Lost, Outage, Scenario, Way},
};

/// Programs that live for 2 s, so that trouble at the start can pass; the longest pauses before three further
/// attempts are 1.4 s.
const PAUSED: &[&str] = &["--pause", "50"];

/// Nothing goes wrong.
pub fn healthy() -> Scenario {
    Scenario {
        name: "a collector in good health",
        args: &[],
        sessions: 40,
        spans: 50,
        variables: Vec::new(),
        plan: |_| Fault::None,
        token_uses: None,
        outage: Outage::No,
        way: Way::Plain,
        spool: None,
        lost: Lost::Nothing,
        at_least_once: false,
    }
}

/// Each scenario without and with a spool, and those that are for one of both.
pub fn scenarios() -> Vec<Scenario> {
    let healthy = healthy();
    let paused = Scenario { args: PAUSED, ..healthy.clone() };
    let everything = Scenario { lost: Lost::Everything, ..healthy.clone() };
    // Whether they are lost without a spool and with one.
    let both = |without: Scenario, lost: Lost| {
        let with = Scenario { spool: Some(spool()), lost, ..without.clone() };
        [without, with]
    };
    let none = Lost::Nothing;
    let burst = Scenario {
        name: "a burst of 100,000 with defaults",
        sessions: 100,
        spans: 999,
        args: &["--attrs", "4"],
        ..healthy.clone()
    };
    let mut all = vec![
        burst.clone(),
        Scenario {
            name: "a burst of 100,000 while nobody listens, for a second",
            outage: Outage::For(Duration::from_secs(1)),
            args: &["--attrs", "4", "--pause", "20"],
            ..burst
        },
    ];
    let pairs = [
        both(healthy.clone(), none),
        both(
            Scenario {
                name: "an outage of a second",
                outage: Outage::For(Duration::from_secs(1)),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "an outage that outlasts the program",
                outage: Outage::Longer,
                ..everything.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "503 three times",
                plan: |number| first(3, Fault::Status(503, ""), number),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "429 with a pause in seconds",
                plan: |number| first(1, Fault::Status(429, "retry-after: 1\r\n"), number),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "503 with a date that has passed",
                plan: |number| {
                    let date = "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
                    first(3, Fault::Status(503, date), number)
                },
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "503 every other time",
                plan: |number| {
                    if number % 2 == 0 {
                        Fault::Status(503, "retry-after: 0\r\n")
                    } else {
                        Fault::None
                    }
                },
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "a collector that is slow",
                plan: |_| Fault::Slow(Duration::from_millis(150)),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "connections reset amid the body",
                plan: |number| first(3, Fault::Reset, number),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "a request that hangs",
                plan: |number| first(1, Fault::Hang, number),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "a collector that hangs for ever",
                plan: |_| Fault::Hang,
                ..everything.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "answers that are no HTTP",
                plan: |number| first(3, Fault::Garbage, number),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "answers that are no OTLP",
                plan: |_| Fault::GarbageBody,
                ..healthy.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "taken, and the answer gets lost",
                plan: |number| first(2, Fault::TakenUnanswered, number),
                at_least_once: true,
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "401 where no key is wanted",
                plan: |_| Fault::Status(401, ""),
                ..everything.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "404: somebody else lives there",
                plan: |_| Fault::Status(404, ""),
                ..everything.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "tokens that expire after two requests",
                token_uses: Some(2),
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "three spans of each request rejected",
                plan: |_| Fault::Partial(3),
                lost: Lost::Some,
                ..healthy.clone()
            },
            Lost::Some,
        ),
        both(
            Scenario {
                name: "400: it will not have them",
                plan: |_| Fault::Status(400, ""),
                ..everything.clone()
            },
            Lost::Everything,
        ),
        both(
            Scenario { name: "TLS by an authority of one's own", way: Way::Tls, ..healthy.clone() },
            none,
        ),
        both(Scenario { name: "through a proxy", way: Way::Proxy, ..healthy.clone() }, none),
        both(
            Scenario {
                name: "a clock that goes backwards, with 503",
                plan: |number| first(3, Fault::Status(503, ""), number),
                variables: vec![("LD_PRELOAD", clock())],
                ..paused.clone()
            },
            none,
        ),
        both(
            Scenario {
                name: "a queue that is too small, and waiting for room",
                args: &["--block", "--threads", "8"],
                variables: vec![("AGENTOPS_MAX_QUEUE_SIZE", "64".to_owned())],
                ..healthy.clone()
            },
            none,
        ),
    ];
    all.extend(pairs.into_iter().flatten());
    all.push(Scenario {
        name: "a queue that is too small",
        variables: vec![("AGENTOPS_MAX_QUEUE_SIZE", "64".to_owned())],
        plan: |_| Fault::Slow(Duration::from_millis(50)),
        lost: Lost::Some,
        ..healthy.clone()
    });
    all.push(Scenario {
        name: "TLS by somebody else's authority",
        way: Way::TlsOfStrangers,
        ..everything
    });
    all
}

/// Scenarios on a disk that is too small.
pub fn on_a_small_disk() -> [Scenario; 2] {
    let much = Scenario { sessions: 40, spans: 200, args: PAUSED, ..healthy() };
    [
        Scenario { outage: Outage::For(Duration::from_secs(1)), ..much.clone() },
        Scenario { outage: Outage::Longer, lost: Lost::Some, ..much },
    ]
}

/// A new folder; it stays, for whoever wants to look.
fn spool() -> PathBuf {
    tempfile::Builder::new().prefix("agentops-faults-").tempdir().unwrap().keep()
}

/// The library that turns the clock back.
fn clock() -> String {
    std::env::var("CLOCK").expect("`CLOCK` names the library that turns the clock back")
}
