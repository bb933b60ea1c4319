//! Width and colours of what the console prints on.

use std::ffi::OsString;

use crate::process::{report, wants_colours};

/// Columns where stderr is no terminal and `COLUMNS` is not set.
const DEFAULT_COLUMNS: usize = 100;

/// Terminal, or what replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    /// Width that no line exceeds.
    pub(super) columns: usize,
    /// Palette of the lines.
    pub(super) palette: Palette,
}

/// Colours that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Palette {
    /// No escape sequence at all.
    Plain,
    /// Dim, bold and red.
    Ansi,
}

impl Screen {
    /// Measures stderr, whose width may change while the program runs.
    pub(super) fn of_stderr() -> Self {
        let variable = |name| std::env::var_os(name);
        Self {
            columns: report::columns().unwrap_or_else(|| columns(variable)),
            palette: if wants_colours(variable, report::is_terminal()) {
                Palette::Ansi
            } else {
                Palette::Plain
            },
        }
    }
}

fn columns(variable: impl Fn(&'static str) -> Option<OsString>) -> usize {
    let asked = variable("COLUMNS").and_then(|columns| columns.to_str()?.trim().parse().ok());
    asked.filter(|columns| *columns > 0).unwrap_or(DEFAULT_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the variables of an environment such as `A=1 B=2`.
    fn variables(text: &'static str) -> impl Fn(&'static str) -> Option<OsString> {
        move |name| {
            let mut set = text.split(' ').filter_map(|variable| variable.split_once('='));
            set.find(|(it, _)| *it == name).map(|(_, value)| value.into())
        }
    }

    #[test]
    fn columns_come_from_the_variable() {
        let width = |text| columns(variables(text));
        assert_eq!(["COLUMNS=80", "", "COLUMNS=0", "COLUMNS=wide"].map(width), [80, 100, 100, 100]);
    }
}
