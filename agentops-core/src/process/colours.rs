//! Decision for or against colours.

use std::ffi::OsString;

/// Returns `true` if output has colours, by <https://no-color.org> and <https://bixense.com/clicolors>: `NO_COLOR` comes
/// first, then `CLICOLOR_FORCE`; otherwise a terminal that is not dumb has colours, unless `CLICOLOR=0`.
pub(crate) fn wants_colours(
    variable: impl Fn(&'static str) -> Option<OsString>,
    is_terminal: bool,
) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let is_forced = set("CLICOLOR_FORCE").is_some_and(|force| force != "0");
    let has_colours = is_terminal
        && set("CLICOLOR").is_none_or(|wanted| wanted != "0")
        && set("TERM").is_none_or(|terminal| terminal != "dumb");
    set("NO_COLOR").is_none() && (is_forced || has_colours)
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
        let on_terminal = |text| wants_colours(variables(text), true);
        for text in ["", "TERM=xterm", "NO_COLOR=", "CLICOLOR=1", "CLICOLOR_FORCE=0"] {
            assert!(on_terminal(text), "{text}");
        }
        for text in ["NO_COLOR=1", "NO_COLOR=0", "CLICOLOR=0", "TERM=dumb"] {
            assert!(!on_terminal(text), "{text}");
        }
    }

    #[test]
    fn files_have_colours_only_if_forced() {
        let in_file = |text| wants_colours(variables(text), false);
        for text in ["", "TERM=xterm", "CLICOLOR=1", "CLICOLOR_FORCE=0", "CLICOLOR_FORCE="] {
            assert!(!in_file(text), "{text}");
        }
        for text in ["CLICOLOR_FORCE=1", "CLICOLOR_FORCE=1 TERM=dumb CLICOLOR=0"] {
            assert!(in_file(text), "{text}");
        }
        assert!(!in_file("CLICOLOR_FORCE=1 NO_COLOR=1"));
    }
}
