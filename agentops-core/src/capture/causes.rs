//! The chain of causes of an error, found as `probe` finds a trait.
//!
//! `anyhow::Error`, `eyre::Report` and boxes of `dyn Error` are no `Error`s themselves, but lead to one.

use std::{any::type_name, error::Error, fmt::Display, iter, ops::Deref, rc::Rc, sync::Arc};

use super::{known::known, text};
use crate::{
    look::{TRUNCATED, floor},
    process::guarded,
};

/// So many causes are looked at: a chain may have no end.
const MOST: usize = 32;

/// Between an error and its cause.
const BECAUSE: &str = ": ";

/// The type of an error that hides its type.
pub(crate) const HIDDEN: &str = "dyn Error";

/// The causes of an error, outermost first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Causes<'a> {
    /// The error itself, where its type is not the one that is spelled.
    itself: Option<&'a (dyn Error + 'static)>,
    first: Option<&'a (dyn Error + 'static)>,
}

impl<'a> Causes<'a> {
    /// The source that an error names, by code of the user's.
    fn named_by(source: impl FnOnce() -> Option<&'a (dyn Error + 'static)>) -> Self {
        Self { itself: None, first: guarded(source).flatten() }
    }

    /// Those of an error that hides its type.
    pub(crate) fn of(error: &'a (dyn Error + 'static)) -> Self {
        Self { itself: Some(error), ..Self::named_by(|| error.source()) }
    }

    fn behind(error: impl FnOnce() -> &'a (dyn Error + 'static)) -> Self {
        guarded(error).map_or_else(Self::default, Self::of)
    }

    fn iter(&self) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
        iter::successors(self.first, |cause| {
            let cause = *cause;
            guarded(|| cause.source()).flatten()
        })
    }

    /// The type of the innermost error that can be named.
    pub(super) fn innermost_known(&self) -> Option<&'static str> {
        self.itself.into_iter().chain(self.iter().take(MOST)).filter_map(known).last()
    }

    /// An error's text and those of its causes, each once, of about `max_len` bytes.
    pub(super) fn tell(&self, error: &dyn Display, max_len: usize) -> String {
        if self.first.is_none() {
            return by_itself(error, max_len);
        }
        let mut told = Told { texts: Vec::new(), max_len };
        told.say(error);
        let mut causes = self.iter();
        causes.by_ref().take(MOST).for_each(|cause| _ = told.say(&cause));
        if causes.next().is_some_and(|cause| told.say(&cause)) {
            told.texts.pop();
            told.texts.push(TRUNCATED.to_owned());
        }
        told.joined()
    }
}

/// The text of an error and its causes.
struct Told {
    texts: Vec<String>,
    max_len: usize,
}

impl Told {
    /// Adds a text; false if it says nothing new.
    fn say(&mut self, error: &dyn Display) -> bool {
        let text = text(error, self.max_len);
        let is_new = !text.trim().is_empty() && !self.texts.iter().any(|said| holds(said, &text));
        if is_new {
            self.texts.push(text);
        }
        is_new
    }

    fn joined(mut self) -> String {
        self.fit();
        self.texts.join(BECAUSE)
    }

    /// Cuts the longest texts, so that each has a share of the room.
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
                *text = format!("{}{TRUNCATED}", floor(text, share));
            }
        }
    }
}

/// The text of an error whose causes are not to be seen: `anyhow`, `eyre` and `miette` tell them by `{:#}`.
pub(crate) fn by_itself(error: &(impl Display + ?Sized), max_len: usize) -> String {
    let (plain, whole) = (text(error, max_len), text(format_args!("{error:#}"), max_len));
    let goes_on = whole.strip_prefix(&plain).is_some_and(|rest| rest.starts_with(BECAUSE));
    if goes_on { whole } else { plain }
}

/// Finds a text in another, but not inside of a word.
pub(crate) fn holds(text: &str, part: &str) -> bool {
    let continues = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    text.match_indices(part).any(|(place, _)| {
        let (before, after) = (&text[..place], &text[place + part.len()..]);
        !continues(before.chars().next_back()) && !continues(after.chars().next())
    })
}

/// An error whose causes can be read: each type that implements [`Error`](std::error::Error) and is `'static`, and
/// `dyn Error`, with or without `Send` and `Sync`. [`CurrentSpan::record_exception`](crate::CurrentSpan::record_exception)
/// takes them.
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
    /// The error.
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

/// A pointer that says nothing of its own.
pub trait Pointer: Deref {}
impl<T: ?Sized> Pointer for &T {}
impl<T: ?Sized> Pointer for Box<T> {}
impl<T: ?Sized> Pointer for Arc<T> {}
impl<T: ?Sized> Pointer for Rc<T> {}

/// An error to be asked for its causes.
#[derive(Debug)]
pub struct CauseProbe<'a, E>(pub &'a E);

macro_rules! causes {
    ($($(#[$doc:meta])* $via:ident: [$($generics:tt)*] $of:ty, $error:ident => $causes:expr;)*) => {$(
        $(#[$doc])*
        pub trait $via<'a> {
            /// Its causes.
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
    /// First choice: a pointer to an error, as `Box<dyn Error>`.
    ViaPointer: [E: Pointer<Target: AsError>] &&&&&&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().as_error());
    /// Second choice: an error.
    ViaError: [E: Error] &&&&&CauseProbe<'a, E>, error => Causes::named_by(|| error.source());
    /// Third choice: what leads to an error, as `anyhow::Error`.
    ViaDeref: [E: Deref<Target: AsError>] &&&&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().as_error());
    /// Fourth choice: what leads to something that is an error among other things, as `miette::Report`.
    ViaOtherDeref: [E: Deref<Target: Error>] &&&CauseProbe<'a, E>,
        error => Causes::named_by(|| error.deref().source());
    /// Fifth choice: a pointer to what leads to an error, as `Arc<anyhow::Error>`.
    ViaPointerToDeref: [E: Pointer<Target: Deref<Target: AsError>>] &&CauseProbe<'a, E>,
        error => Causes::behind(|| error.deref().deref().as_error());
    /// Sixth choice: what can be seen as an error.
    ViaAsRef: [E: AsRef<dyn Error>] &CauseProbe<'a, E>,
        error => Causes::behind(|| error.as_ref());
    /// The rest: an error without causes.
    ViaNoCauses: [E] CauseProbe<'a, E>, _error => Causes::default();
}

/// The name of an error's type, shorter where that says the same: pointers are looked through, and what they
/// hide is called as it is spelled.
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
