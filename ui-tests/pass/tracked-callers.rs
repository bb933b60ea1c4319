#![deny(warnings)]
#![deny(clippy::all, clippy::pedantic, missing_docs, unsafe_op_in_unsafe_fn)]
#![allow(clippy::boxed_local, clippy::must_use_candidate)]
//! Functions that are told the place of their caller.

use std::{fmt::Debug, panic::Location};

use agentops::{agent, task, tool};

#[tool]
#[track_caller]
fn unused(query: &str, _: u8, _kept: u8) -> u32 {
    Location::caller().line()
}

#[tool(skip(query))]
#[expect(unused_variables, reason = "it is neither captured nor used")]
#[track_caller]
fn expected(query: &str, mut count: u32) -> u32 {
    count += 1;
    count
}

#[task(fields(size = N))]
#[track_caller]
fn generic<'a, T, const N: usize>(all: &'a [T; N], show: impl Fn(&T) -> String) -> Option<&'a T>
where
    T: Debug + PartialEq<str>,
{
    all.iter().find(|one| **one == *show(one).as_str())
}

/// # Safety
/// There is nothing to heed.
#[tool]
#[track_caller]
unsafe fn not_safe(n: u8) -> u8 {
    n
}

#[tool]
#[track_caller]
fn never(stop: bool) -> ! {
    assert!(!stop, "it stops");
    std::process::exit(0)
}

struct Web<T>(T);

#[agent]
impl<T: Clone + Debug> Web<T> {
    /// Takes apart.
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Changes.
    #[track_caller]
    pub fn changed(mut self, to: T) -> T {
        self.0 = to;
        self.0
    }

    /// Gives.
    #[must_use]
    #[track_caller]
    #[deprecated]
    pub fn get<U: From<T>>(&self) -> U {
        self.0.clone().into()
    }

    /// Counts.
    #[cfg_attr(all(), track_caller, inline)]
    pub fn count(self: Box<Self>, more: usize) -> usize {
        more + 1
    }
}

/// Shouts.
pub trait Shout: AsRef<str> {
    /// Shouts.
    #[tool]
    #[track_caller]
    fn shout(&self) -> String {
        self.as_ref().to_uppercase()
    }
}

impl<T: AsRef<str>> Shout for T {}

fn main() {
    let line = Location::caller().line();
    assert_eq!(unused("", 1, 2), line + 1);
    assert_eq!(expected("", 1), 2);
    assert_eq!(generic(&["a".to_owned()], |_| "b".to_owned()), None);
    assert_eq!(unsafe { not_safe(1) }, 1);
    assert!(std::panic::catch_unwind(|| never(true)).is_err());
    #[allow(deprecated)]
    let got = Web(1_u8).get::<u32>();
    assert_eq!(got + u32::from(Web(1_u8).into_inner()), 2);
    assert_eq!(Box::new(Web(())).count(1), 2);
    assert_eq!(Web(1).changed(2), 2);
    assert_eq!((&"a" as &dyn AsRef<str>).as_ref().shout(), "A");
}
