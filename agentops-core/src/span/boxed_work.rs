//! Types for which a recording wrapper can be returned as the same type: boxed streams, futures and iterators.

use std::{convert::identity, pin::Pin};

use futures_core::Stream;

use super::ReturnedCall;
use crate::capture::Outcome;

/// Boxed stream.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stream that can be recorded",
    label = "nothing can take the place of this type",
    note = "return `impl Stream<Item = ..>` or `Pin<Box<dyn Stream<Item = ..> + Send>>`, or remove `stream = true`"
)]
pub trait BoxedStream: Sized {
    /// Type of the items.
    type Item;

    #[doc(hidden)]
    fn observed<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
    where
        O: FnMut(&Self::Item) -> Outcome<'_> + Send + Sync + 'static;
}

/// Boxed future.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no future that can be recorded",
    label = "nothing can take the place of this type",
    note = "return `impl Future<Output = ..>` or `Pin<Box<dyn Future<Output = ..> + Send>>`, or remove `future = true`"
)]
pub trait BoxedFuture: Sized {
    /// Type of the output.
    type Output;

    #[doc(hidden)]
    fn recorded<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
    where
        O: FnOnce(&Self::Output) -> Outcome<'_> + Send + Sync + 'static;
}

/// Boxed iterator.
pub trait BoxedIterator: Sized {
    /// Type of the items.
    type Item;

    #[doc(hidden)]
    fn iterated<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
    where
        O: FnMut(&Self::Item) -> Outcome<'_> + Send + Sync + 'static;
}

macro_rules! stream {
    ($boxed:ty, $new:path) => {
        impl<'a, T: 'a> BoxedStream for $boxed {
            type Item = T;

            fn observed<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
            where
                O: FnMut(&T) -> Outcome<'_> + Send + Sync + 'static,
            {
                $new(call.stream(self, outcome))
            }
        }
    };
}

macro_rules! future {
    ($boxed:ty, $pinned:path, $new:path) => {
        impl<'a, T: 'a> BoxedFuture for $boxed {
            type Output = T;

            fn recorded<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
            where
                O: FnOnce(&T) -> Outcome<'_> + Send + Sync + 'static,
            {
                $new(call.record($pinned(self), outcome))
            }
        }
    };
}

macro_rules! boxed {
    ($([$($auto:tt)*])*) => {$(
        stream!(Pin<Box<dyn Stream<Item = T> $($auto)* + 'a>>, Box::pin);
        stream!(Box<dyn Stream<Item = T> + Unpin $($auto)* + 'a>, Box::new);
        future!(Pin<Box<dyn Future<Output = T> $($auto)* + 'a>>, identity, Box::pin);
        future!(Box<dyn Future<Output = T> $($auto)* + 'a>, Box::into_pin, Box::new);
        future!(Box<dyn Future<Output = T> + Unpin $($auto)* + 'a>, identity, Box::new);

        impl<'a, T: 'a> BoxedIterator for Box<dyn Iterator<Item = T> $($auto)* + 'a> {
            type Item = T;

            fn iterated<O>(self, call: ReturnedCall<'_>, outcome: O) -> Self
            where
                O: FnMut(&T) -> Outcome<'_> + Send + Sync + 'static,
            {
                Box::new(call.iterator(self, outcome))
            }
        }
    )*};
}
boxed!([] [+ Send] [+ Sync] [+ Send + Sync]);
