//! Splits a returned value into success or error by finding the `Result` in it, with the trait selection of
//! `trait_probe`.
//!
//! ```text
//! Box<Option<Result<Result<T, E>, Elapsed>>> ─▶ Half::Ok(Result<T, E>) ─▶ Half::Ok(T)   one step for each `Result`
//!                                             └▶ Half::Neither(null)    └▶ Half::Err(E)
//! ```

use std::{
    convert::Infallible, fmt, ops::ControlFlow, ops::Deref, pin::Pin, rc::Rc, sync::Arc, task::Poll,
};

use super::Captured;

/// Returned value, to be split into success or error.
#[derive(Debug)]
pub struct Split<'a, T>(pub &'a T);

/// Result of splitting a returned value.
#[derive(Debug)]
pub enum Half<'a, T, E> {
    /// Success.
    Ok(&'a T),
    /// Error.
    Err(&'a E),
    /// Neither of the two, such as the `None` of an `Option<Result<T, E>>`.
    Neither(Captured<'a>),
}

/// A `Result`, or a type that contains at most one.
pub trait Fallible {
    /// Success type.
    type Success;
    /// Error type.
    type Failure;

    #[doc(hidden)]
    fn half(&self) -> Half<'_, Self::Success, Self::Failure>;
}

impl<T, E> Fallible for Result<T, E> {
    type Success = T;
    type Failure = E;

    fn half(&self) -> Half<'_, T, E> {
        match self {
            Ok(value) => Half::Ok(value),
            Err(error) => Half::Err(error),
        }
    }
}

impl<R: Fallible> Fallible for Option<R> {
    type Success = R::Success;
    type Failure = R::Failure;

    fn half(&self) -> Half<'_, R::Success, R::Failure> {
        self.as_ref().map_or(Half::Neither(Captured::Serialize(&())), R::half)
    }
}

impl<R: Fallible> Fallible for Poll<R> {
    type Success = R::Success;
    type Failure = R::Failure;

    fn half(&self) -> Half<'_, R::Success, R::Failure> {
        match self {
            Self::Ready(result) => result.half(),
            Self::Pending => Half::Neither(Captured::Serialize(&"Pending")),
        }
    }
}

/// A `Break` is not an error by itself: it may end a search that succeeded or one that failed.
impl<B: fmt::Debug, R: Fallible> Fallible for ControlFlow<B, R> {
    type Success = R::Success;
    type Failure = R::Failure;

    fn half(&self) -> Half<'_, R::Success, R::Failure> {
        match self {
            Self::Continue(result) => result.half(),
            Self::Break(value) => Half::Neither(by_debug(value)),
        }
    }
}

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        impl<R: Fallible + ?Sized> Fallible for $pointer {
            type Success = R::Success;
            type Failure = R::Failure;

            fn half(&self) -> Half<'_, R::Success, R::Failure> {
                R::half(self)
            }
        }
    )*};
}
pointer!(&R &mut R Box<R> Arc<R> Rc<R>);

impl<P: Deref<Target: Fallible>> Fallible for Pin<P> {
    type Success = <P::Target as Fallible>::Success;
    type Failure = <P::Target as Fallible>::Failure;

    fn half(&self) -> Half<'_, Self::Success, Self::Failure> {
        P::Target::half(self)
    }
}

fn by_debug<T: fmt::Debug>(value: &T) -> Captured<'_> {
    Captured::Debug(value, std::any::type_name::<T>())
}

/// First choice: a `Result`, possibly nested in other types.
pub trait SplitResult<'a, T, E> {
    /// Returns the success or the error.
    fn split(&self) -> Half<'a, T, E>;
}

impl<'a, R: Fallible> SplitResult<'a, R::Success, R::Failure> for &&Split<'a, R> {
    fn split(&self) -> Half<'a, R::Success, R::Failure> {
        self.0.half()
    }
}

/// Second choice: a `Result` in a `Break`.
pub trait SplitBreak<'a, T, E> {
    /// Returns the success or the error.
    fn split(&self) -> Half<'a, T, E>;
}

impl<'a, R: Fallible, C: fmt::Debug> SplitBreak<'a, R::Success, R::Failure>
    for &Split<'a, ControlFlow<R, C>>
{
    fn split(&self) -> Half<'a, R::Success, R::Failure> {
        match self.0 {
            ControlFlow::Break(result) => result.half(),
            ControlFlow::Continue(value) => Half::Neither(by_debug(value)),
        }
    }
}

/// Fallback: any other value is a success.
pub trait SplitAny<'a, T> {
    /// Returns the value as a success.
    fn split(&self) -> Half<'a, T, Infallible>;
}

impl<'a, T> SplitAny<'a, T> for Split<'a, T> {
    fn split(&self) -> Half<'a, T, Infallible> {
        Half::Ok(self.0)
    }
}
