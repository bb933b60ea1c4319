//! Work that a function leaves to what it returns, where its span cannot go on: it is marked, and said once.

use std::{
    collections::HashSet,
    ptr,
    sync::{LazyLock, Mutex, PoisonError},
};

use opentelemetry::KeyValue;

use super::site::Site;
use crate::{
    process::{fork, report},
    record::semconv::DEFERRED,
};

/// The kind of value that does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deferral {
    /// A stream.
    Stream,
    /// A future, or what becomes one.
    Future,
    /// An iterator.
    Iterator,
    /// A stream that is somewhere in the value.
    StreamInside,
    /// Likewise a future, or what a closure returns.
    FutureInside,
    /// Whoever sends into a channel.
    Channel,
    /// A thread or a set of tasks.
    Task,
}

/// The names of modules in which a `Receiver` is the end of a channel.
const CHANNELS: [&str; 7] =
    ["mpsc", "mpmc", "broadcast", "async_channel", "crossbeam_channel", "flume", "kanal"];

impl Deferral {
    /// Finds the work that a value stands for that is neither a future nor a stream nor an iterator, by the name
    /// of its type: a channel's receiving end, a thread, a set of tasks.
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

    /// The same of a value that nothing else is known of, which may have the work boxed in it.
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

    /// The work that the span does not see, as a part of a sentence.
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

    /// The mark on a span that ends before the work, of which its callsite warns.
    pub(super) fn mark(self, site: &'static Site, may_use_stderr: bool) -> KeyValue {
        self.tell(site, may_use_stderr);
        KeyValue::new(DEFERRED, self.as_str())
    }

    /// Warns of a callsite, once, that its spans end before the work.
    pub(super) fn tell(self, site: &'static Site, may_use_stderr: bool) {
        static TOLD: LazyLock<Mutex<HashSet<usize>>> = LazyLock::new(Mutex::default);
        let place = ptr::from_ref(site).addr();
        if fork::is_child() || !TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(place) {
            return;
        }
        let (place, work, remedy) = (site.place(), self.work(), self.remedy());
        let message = format_args!("the span of {place} ends before {work}; {remedy}");
        report::warn(may_use_stderr, &message);
    }
}
