//! Finds the chain of causes of an error by the same trait selection as `trait_probe`.
//!
//! `anyhow::Error`, `eyre::Report` and boxes of `dyn Error` do not implement `Error`, but give access to a value
//! that does.

use std::{any::type_name, error::Error, fmt::Display, iter, ops::Deref, rc::Rc, sync::Arc};

use super::{error_names::known, text};
use crate::{inspect::TRUNCATED, process::catch_user_panic, text::prefix};

/// Maximum number of causes that are read, since a chain may be endless.
const MOST: usize = 32;

/// Separator between an error and its cause.
const BECAUSE: &str = ": ";

/// Type name of an error whose concrete type is hidden.
pub(crate) const HIDDEN: &str = "dyn Error";

/// Causes of an error, outermost first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Causes<'a> {
    /// The error itself, if its concrete type is hidden behind `dyn Error`.
    itself: Option<&'a (dyn Error + 'static)>,
    first: Option<&'a (dyn Error + 'static)>,
}

impl<'a> Causes<'a> {
    /// Creates the causes from an error's `source`. This calls user code, so a panic is caught.
    fn named_by(source: impl FnOnce() -> Option<&'a (dyn Error + 'static)>) -> Self {
        Self { itself: None, first: catch_user_panic(source).flatten() }
    }

    /// Creates the causes of an error whose concrete type is hidden.
    pub(crate) fn of(error: &'a (dyn Error + 'static)) -> Self {
        Self { itself: Some(error), ..Self::named_by(|| error.source()) }
    }

    fn behind(error: impl FnOnce() -> &'a (dyn Error + 'static)) -> Self {
        catch_user_panic(error).map_or_else(Self::default, Self::of)
    }

    fn iter(&self) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
        iter::successors(self.first, |cause| {
            let cause = *cause;
            catch_user_panic(|| cause.source()).flatten()
        })
    }

    /// Returns the type of the innermost error whose type is known.
    pub(super) fn innermost_known(&self) -> Option<&'static str> {
        self.itself.into_iter().chain(self.iter().take(MOST)).filter_map(known).last()
    }

    /// Returns the text of an error and its causes, without repetitions, in about `max_len` bytes.
    pub(super) fn describe(&self, error: &dyn Display, max_len: usize) -> String {
        if self.first.is_none() {
            return by_itself(error, max_len);
        }
        let mut chain = ErrorText { texts: Vec::new(), max_len };
        chain.add(error);
        let mut causes = self.iter();
        causes.by_ref().take(MOST).for_each(|cause| _ = chain.add(&cause));
        if causes.next().is_some_and(|cause| chain.add(&cause)) {
            chain.texts.pop();
            chain.texts.push(TRUNCATED.to_owned());
        }
        chain.joined()
    }
}

/// Accumulated text of an error and its causes.
struct ErrorText {
    texts: Vec<String>,
    max_len: usize,
}

impl ErrorText {
    /// Adds a text. Returns `false` if it is empty or already contained in an earlier one.
    fn add(&mut self, error: &dyn Display) -> bool {
        let text = text(error, self.max_len);
        let is_new =
            !text.trim().is_empty() && !self.texts.iter().any(|earlier| holds(earlier, &text));
        if is_new {
            self.texts.push(text);
        }
        is_new
    }

    fn joined(mut self) -> String {
        self.fit();
        self.texts.join(BECAUSE)
    }

    /// Cuts the longest texts so that all fit into the available length.
    fn fit(&mut self) {
        let mut room = self.max_len.saturating_sub(BECAUSE.len() * self.texts.len());
        if self.texts.iter().map(String::len).sum::<usize>() <= room {
            return;
        }
        let mut shortest_first: Vec<_> = self.texts.iter_mut().collect();
        shortest_first.sort_by_key(|text| text.len());
        let count = shortest_first.len();
        for (place, text) in shortest_first.into_iter().enumerate() {
            let share = room / (count - place);
            room -= text.len().min(share);
            if text.len() > share {
                *text = format!("{}{TRUNCATED}", prefix(text, share));
            }
        }
    }
}

/// Returns the text of an error whose causes are not accessible. `anyhow`, `eyre` and `miette` include them in
/// `{:#}`.
pub(crate) fn by_itself(error: &(impl Display + ?Sized), max_len: usize) -> String {
    let (plain, whole) = (text(error, max_len), text(format_args!("{error:#}"), max_len));
    let goes_on = whole.strip_prefix(&plain).is_some_and(|rest| rest.starts_with(BECAUSE));
    if goes_on { whole } else { plain }
}

/// Returns `true` if a text contains another at word boundaries.
pub(crate) fn holds(text: &str, part: &str) -> bool {
    let continues = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    text.match_indices(part).any(|(place, _)| {
        let (before, after) = (&text[..place], &text[place + part.len()..]);
        !continues(before.chars().next_back()) && !continues(after.chars().next())
    })
}

/// Error whose causes can be read: every type that implements [`Error`](std::error::Error) and is `'static`, and
/// `dyn Error`, with or without `Send` and `Sync`. Accepted by
/// [`CurrentSpan::record_exception`](crate::CurrentSpan::record_exception).
///
/// ```
/// use agentops::AsError;
///
/// let error: Box<dyn std::error::Error> = "7x".parse::<u8>().unwrap_err().into();
/// assert_eq!((*error).as_error().to_string(), "invalid digit found in string");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error",
    note = "what leads to one, such as `anyhow::Error` or `Box<dyn Error>`, is dereferenced: `&*error`",
    note = "what has a `Display` alone is recorded by `record_error`"
)]
pub trait AsError {
    /// Returns the error as `dyn Error`.
    fn as_error(&self) -> &(dyn Error + 'static);
}

impl<E: Error + 'static> AsError for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

macro_rules! unknown {
    ($([$($auto:tt)*])*) => {$(
        impl AsError for dyn Error $($auto)* + 'static {
            fn as_error(&self) -> &(dyn Error + 'static) {
                self
            }
        }
    )*};
}
unknown!([] [+ Send] [+ Send + Sync]);

/// Standard pointer that adds no behaviour of its own.
pub trait Pointer: Deref {}
impl<T: ?Sized> Pointer for &T {}
impl<T: ?Sized> Pointer for Box<T> {}
impl<T: ?Sized> Pointer for Arc<T> {}
impl<T: ?Sized> Pointer for Rc<T> {}

/// Error whose causes are to be found.
#[derive(Debug)]
pub struct CauseProbe<'a, E>(pub &'a E);

macro_rules! causes {
    ($($(#[$doc:meta])* $via:ident: [$($generics:tt)*] $of:ty, $error:ident => $causes:expr;)*) => {$(
        $(#[$doc])*
        pub trait $via<'a> {
            /// Returns the causes.
            fn causes(&self) -> Causes<'a>;
        }

        impl<'a, $($generics)*> $via<'a> for $of {
            fn causes(&self) -> Causes<'a> {
                let $error: &'a E = self.0;
                $causes
            }
        }
    )*};
}

causes! {
    /// First choice: a pointer to an error, such as `Box<dyn Error>`.
    ViaPointer: [E: Pointer<Target: AsError>] &&&&&&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().as_error());
    /// Second choice: a type that implements `Error`.
    ViaError: [E: Error] &&&&&CauseProbe<'a, E>, error => Causes::named_by(|| error.source());
    /// Third choice: a type that dereferences to an error, such as `anyhow::Error`.
    ViaDeref: [E: Deref<Target: AsError>] &&&&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().as_error());
    /// Fourth choice: a type that dereferences to another type that implements `Error`, such as `miette::Report`.
    ViaOtherDeref: [E: Deref<Target: Error>] &&&CauseProbe<'a, E>,
        error => Causes::named_by(|| error.deref().source());
    /// Fifth choice: a pointer to a type that dereferences to an error, such as `Arc<anyhow::Error>`.
    ViaPointerToDeref: [E: Pointer<Target: Deref<Target: AsError>>] &&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().deref().as_error());
    /// Sixth choice: a type that implements `AsRef<dyn Error>`.
    ViaAsRef: [E: AsRef<dyn Error>] &CauseProbe<'a, E>,
        error => Causes::behind(|| error.as_ref());
    /// Fallback: an error without causes.
    ViaNoCauses: [E] CauseProbe<'a, E>, _error => Causes::default();
}

/// Shortens the type name of an error: standard pointers are removed, except around `dyn Error`, which becomes
/// e.g. `Box<dyn Error>`.
pub(crate) fn short(name: &'static str) -> &'static str {
    let pointers = [
        ("alloc::boxed::Box<", "Box<dyn Error>"),
        ("alloc::sync::Arc<", "Arc<dyn Error>"),
        ("alloc::rc::Rc<", "Rc<dyn Error>"),
        ("&", "&dyn Error"),
    ];
    for (start, spelled) in pointers {
        let Some(inner) = name.strip_prefix(start) else { continue };
        if inner.starts_with(type_name::<dyn Error>()) {
            return spelled;
        }
        if let Some(inner) = inner.strip_suffix('>').filter(|_| start.ends_with('<')) {
            return short(inner);
        }
    }
    if name.starts_with(type_name::<dyn Error>()) { HIDDEN } else { name }
}

#[cfg(test)]
mod tests;
