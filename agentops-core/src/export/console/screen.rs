//! Width and colours of what the console prints on.

use std::ffi::OsString;

use crate::process::report;

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
            palette: palette(variable, report::is_terminal()),
        }
    }
}

fn columns(variable: impl Fn(&'static str) -> Option<OsString>) -> usize {
    let asked = variable("COLUMNS").and_then(|columns| columns.to_str()?.trim().parse().ok());
    asked.filter(|columns| *columns > 0).unwrap_or(DEFAULT_COLUMNS)
}

/// Decides by <https://no-color.org> and <https://bixense.com/clicolors>: `NO_COLOR` comes first, then
/// `CLICOLOR_FORCE`; otherwise a terminal that is not dumb has colours, unless `CLICOLOR=0`.
fn palette(variable: impl Fn(&'static str) -> Option<OsString>, is_terminal: bool) -> Palette {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let is_forced = set("CLICOLOR_FORCE").is_some_and(|force| force != "0");
    let has_colors = is_terminal
        && set("CLICOLOR").is_none_or(|wanted| wanted != "0")
        && set("TERM").is_none_or(|terminal| terminal != "dumb");
    if set("NO_COLOR").is_none() && (is_forced || has_colors) {
        Palette::Ansi
    } else {
        Palette::Plain
    }
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
    fn terminals_have_colours_unless_forbidden() {
        let on_terminal = |text| palette(variables(text), true);
        for text in ["", "TERM=xterm", "NO_COLOR=", "CLICOLOR=1", "CLICOLOR_FORCE=0"] {
            assert_eq!(on_terminal(text), Palette::Ansi, "{text}");
        }
        for text in ["NO_COLOR=1", "NO_COLOR=0", "CLICOLOR=0", "TERM=dumb"] {
            assert_eq!(on_terminal(text), Palette::Plain, "{text}");
        }
    }

    #[test]
    fn files_have_colours_only_if_forced() {
        let in_file = |text| palette(variables(text), false);
        for text in ["", "TERM=xterm", "CLICOLOR=1", "CLICOLOR_FORCE=0", "CLICOLOR_FORCE="] {
            assert_eq!(in_file(text), Palette::Plain, "{text}");
        }
        for text in ["CLICOLOR_FORCE=1", "CLICOLOR_FORCE=1 TERM=dumb CLICOLOR=0"] {
            assert_eq!(in_file(text), Palette::Ansi, "{text}");
        }
        assert_eq!(in_file("CLICOLOR_FORCE=1 NO_COLOR=1"), Palette::Plain);
    }

    #[test]
    fn columns_come_from_the_variable() {
        let width = |text| columns(variables(text));
        assert_eq!(["COLUMNS=80", "", "COLUMNS=0", "COLUMNS=wide"].map(width), [80, 100, 100, 100]);
    }
}
