//! Work that a function leaves to its return value, where the span cannot follow it. The span is marked, and the
//! callsite warns once.

use std::{collections::HashSet, ptr, sync::LazyLock};

use opentelemetry::KeyValue;

use super::call_site::Site;
use crate::{
    process::{Lock, Reporter, fork},
    record::semconv::DEFERRED,
};

/// Kind of the returned value that does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deferral {
    /// Stream.
    Stream,
    /// Future, or a value that becomes one.
    Future,
    /// Iterator.
    Iterator,
    /// Stream somewhere inside the value.
    StreamInside,
    /// Future somewhere inside the value, or returned by a closure.
    FutureInside,
    /// Channel, whose sender does the work.
    Channel,
    /// Thread or set of tasks.
    Task,
}

/// Names of the modules in which a `Receiver` is the end of a channel.
const CHANNELS: [&str; 7] =
    ["mpsc", "mpmc", "broadcast", "async_channel", "crossbeam_channel", "flume", "kanal"];

impl Deferral {
    /// Detects work by the type name of a value that is neither a future nor a stream nor an iterator: a channel's
    /// receiving end, a thread, a set of tasks.
    pub(super) fn named(of: &str) -> Option<Self> {
        if let Some((path, _)) = of.split_once('<') {
            let (module, name) = path.rsplit_once("::")?;
            match name {
                "Receiver" | "UnboundedReceiver" => {
                    let is_channel = module.split("::").any(|part| CHANNELS.contains(&part));
                    return is_channel.then_some(Self::Channel);
                }
                "JoinHandle" | "ScopedJoinHandle" | "JoinSet" => return Some(Self::Task),
                _ => {}
            }
        }
        None
    }

    /// Detects work by the type name of a value of unknown shape, which may also hold a boxed future or stream.
    pub(super) fn boxed_in(of: &str) -> Option<Self> {
        if of.contains("dyn core::future::future::Future<") {
            Some(Self::FutureInside)
        } else if of.contains("dyn futures_core::stream::Stream<") {
            Some(Self::StreamInside)
        } else {
            Self::named(of)
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stream | Self::StreamInside => "stream",
            Self::Future | Self::FutureInside => "future",
            Self::Iterator => "iterator",
            Self::Channel => "channel",
            Self::Task => "task",
        }
    }

    /// Returns the work that the span misses, as a part of a sentence.
    const fn work(self) -> &'static str {
        match self {
            Self::Stream => "the stream that it returns, whose type cannot be replaced",
            Self::Future => "the future that it returns, whose type cannot be replaced",
            Self::Iterator => "the iterator that it returns, whose type cannot be replaced",
            Self::StreamInside => "the stream in what it returns",
            Self::FutureInside => "the future in what it returns",
            Self::Channel => "what comes through the channel that it returns",
            Self::Task => "the task that it returns",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::Stream => {
                "return `impl Stream<Item = ..>` or `Pin<Box<dyn Stream<Item = ..> + Send>>`, itself or in a \
                 `Result` that is spelled out, or write `stream = false` if that is meant"
            }
            Self::Future => {
                "make it an `async fn`, return `impl Future<Output = ..>` or \
                 `Pin<Box<dyn Future<Output = ..> + Send>>`, or write `future = false` if that is meant"
            }
            Self::Iterator => {
                "return `impl Iterator<Item = ..>` or `Box<dyn Iterator<Item = ..>>`, or write \
                 `stream = false` if that is meant"
            }
            Self::StreamInside => {
                "annotate the function that makes the stream, or write `stream = false` if that is meant"
            }
            Self::FutureInside => {
                "annotate the function that makes the future, or write `future = false` if that is meant"
            }
            Self::Channel => {
                "return the receiving end as `impl Stream<Item = ..>`, or write `stream = false` if that is meant"
            }
            Self::Task => "annotate what the task runs, or write `future = false` if that is meant",
        }
    }

    /// Returns the attribute that marks a span as ended before its work, and warns of the callsite.
    pub(super) fn mark(self, site: &'static Site, reporter: Reporter) -> KeyValue {
        self.warn(site, reporter);
        KeyValue::new(DEFERRED, self.as_str())
    }

    /// Warns once per callsite that its spans end before the work.
    pub(super) fn warn(self, site: &'static Site, reporter: Reporter) {
        static TOLD: LazyLock<Lock<HashSet<usize>>> = LazyLock::new(Lock::default);
        let address = ptr::from_ref(site).addr();
        if fork::is_child() || !TOLD.lock().insert(address) {
            return;
        }
        let (location, work, remedy) = (site.location(), self.work(), self.remedy());
        let message = format_args!("the span of {location} ends before {work}; {remedy}");
        reporter.warn(&message);
    }
}
