//! Faults of a request.

use std::time::Duration;

/// Fate of one request at the collector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nothing: its spans are taken.
    None,
    /// It is answered with this status and these further header lines.
    Status(u16, &'static str),
    /// Its spans are taken after a while.
    Slow(Duration),
    /// The connection is reset before the body has come.
    Reset,
    /// It is never answered.
    Hang,
    /// It is answered with what is no HTTP.
    Garbage,
    /// Its spans are taken, with a body that is no OTLP.
    GarbageBody,
    /// Its spans are taken, and then the connection breaks before the answer.
    TakenUnanswered,
    /// All but so many of its spans are taken.
    Partial(usize),
}

/// A fault for each request, by its number from 0.
pub type Plan = fn(u64) -> Fault;

/// Only the first so many requests fare ill.
pub const fn first(requests: u64, fault: Fault, number: u64) -> Fault {
    if number < requests { fault } else { Fault::None }
}
