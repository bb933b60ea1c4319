//! Runs of commands in tests: arguments in, outcome and printed lines out.

use clap::{Args, Command};

use crate::terminal::{Colour, Screen};

/// Time of the screen: 20,800 days after 1970-01-01, which is 2026-12-13.
pub(super) const NOW: u64 = 20_800 * DAY;
/// Nanoseconds of a day.
pub(super) const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;

/// Parses the arguments of a command.
pub(super) fn parsed<C: Args>(args: &[&str]) -> C {
    let command = C::augment_args(Command::new("agentops").no_binary_name(true));
    C::from_arg_matches(&command.try_get_matches_from(args).unwrap()).unwrap()
}

/// Runs a command on a plain screen of this width.
pub(super) fn printed<T>(columns: usize, run: impl FnOnce(&mut Screen<'_>) -> T) -> (T, String) {
    let mut out = Vec::new();
    let result = run(&mut Screen::new(&mut out, columns, Colour::Plain, NOW));
    (result, String::from_utf8(out).unwrap())
}
