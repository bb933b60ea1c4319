//! One printed line: styled, and never wider than the terminal.

use unicode_width::UnicodeWidthChar;

use super::screen::{Palette, Screen};

/// Style of a piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// That of the terminal.
    Plain,
    /// Less visible than the others.
    Dim,
    /// More visible.
    Bold,
    /// That of errors.
    Red,
}

impl Style {
    fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
            Self::Red => "\x1b[31m",
        }
    }
}

/// Columns between the fields of a line.
pub(super) const GAP: usize = 2;

const RESET: &str = "\x1b[0m";

/// Line that is being written. What does not fit is replaced by `…`.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    room: usize,
    palette: Palette,
    is_cut: bool,
}

impl Line {
    pub(super) fn new(screen: Screen) -> Self {
        let Screen { columns, palette } = screen;
        Self { text: String::new(), room: columns, palette, is_cut: false }
    }

    /// Returns the columns that are still free.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Appends a text, which has no control characters.
    pub(super) fn push(&mut self, style: Style, text: &str) {
        if self.is_cut || text.is_empty() {
            return;
        }
        let piece = shortened(text, self.room);
        self.is_cut = piece.len() != text.len();
        self.room -= width(&piece).min(self.room);
        let is_styled = style != Style::Plain && self.palette == Palette::Ansi;
        let [start, end] = if is_styled { [style.sequence(), RESET] } else { [""; 2] };
        self.text.extend([start, &piece, end]);
    }

    /// Appends a text after a gap, unless it is empty.
    pub(super) fn field(&mut self, style: Style, text: &str) {
        if !text.is_empty() {
            self.push(Style::Plain, &" ".repeat(GAP));
            self.push(style, text);
        }
    }

    /// Returns the line with its end.
    pub(super) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
        self.text
    }
}

/// Returns the columns of a text, at most: terminals differ where characters combine.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(letter: char) -> usize {
    // The selector of emoji presentation widens the character before it.
    if letter == '\u{fe0f}' { 1 } else { letter.width().unwrap_or(0) }
}

/// Returns the start of a text that fits, with `…` if it is not the whole text.
pub(super) fn shortened(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    if room == 0 {
        return String::new();
    }
    [&text[..fitting(text.chars(), room - 1)], "…"].concat()
}

/// Returns the end of a text that fits, after `…` if it is not the whole text.
pub(super) fn end_of(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let kept = fitting(text.chars().rev(), room.saturating_sub(1));
    ["…", &text[text.len() - kept..]].concat()
}

/// Breaks a text into lines of at most this width, after a space if there is one. Nothing but spaces is left out.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<&str> {
    let (mut lines, mut rest) = (Vec::new(), text.trim_end());
    loop {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let fits = fitting(rest.chars(), columns).max(first);
        if fits == rest.len() {
            lines.push(rest);
            return lines;
        }
        let (line, next) = rest.split_at(end_of_line(rest, fits));
        lines.push(line.trim_end());
        rest = next.trim_start();
    }
}

/// Returns where a line that may have this many bytes ends.
fn end_of_line(text: &str, fits: usize) -> usize {
    let is_whole = text[fits..].starts_with(' ');
    let space = text[..fits].rfind(' ').filter(|at| !text[..*at].trim_start().is_empty());
    if is_whole { fits } else { space.unwrap_or(fits) }
}

/// Returns the bytes of the characters that fit.
fn fitting(letters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut taken = 0;
    letters
        .take_while(|letter| {
            taken += columns(*letter);
            taken <= room
        })
        .map(char::len_utf8)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Screen = Screen { columns: 10, palette: Palette::Plain };

    fn line(screen: Screen, pieces: &[(Style, &str)]) -> String {
        let mut line = Line::new(screen);
        pieces.iter().for_each(|(style, text)| line.push(*style, text));
        line.finish()
    }

    #[test]
    fn line_is_cut_at_the_width() {
        let pieces = [(Style::Plain, "tool "), (Style::Bold, "search"), (Style::Dim, " 1 s")];
        assert_eq!(line(PLAIN, &pieces), "tool sear…\n");
        assert_eq!(line(PLAIN, &[(Style::Plain, "0123456789")]), "0123456789\n");
        assert_eq!(
            line(PLAIN, &[(Style::Plain, "0123456789"), (Style::Plain, "a")]),
            "0123456789\n"
        );
    }

    #[test]
    fn colours_take_no_columns() {
        let colored = Screen { palette: Palette::Ansi, ..PLAIN };
        let pieces = [(Style::Plain, "tool "), (Style::Bold, "find"), (Style::Dim, " 1 s")];
        assert_eq!(line(colored, &pieces), "tool \x1b[1mfind\x1b[0m\x1b[2m…\x1b[0m\n");
    }

    #[test]
    fn width_counts_columns_of_the_terminal() {
        let widths = ["plan", "東京", "e\u{301}", "🔬", "☁\u{fe0f}", "µs"].map(width);
        assert_eq!(widths, [4, 4, 1, 2, 2, 2]);
    }

    #[test]
    fn wide_characters_are_cut_whole() {
        assert_eq!(shortened("東京都", 6), "東京都");
        assert_eq!(["東京都", "a東京"].map(|text| shortened(text, 4)), ["東…", "a東…"]);
        assert_eq!([0, 1].map(|room| shortened("plan", room)), ["", "…"]);
        assert_eq!(["東京都", "run › plan"].map(|text| end_of(text, 5)), ["…京都", "…plan"]);
    }

    #[test]
    fn long_text_wraps_at_spaces() {
        assert_eq!(wrap("the card was declined", 10), ["the card", "was", "declined"]);
        assert_eq!(wrap("the card was", 8), ["the card", "was"]);
        assert_eq!(wrap("0123456789ab c", 5), ["01234", "56789", "ab c"]);
        assert_eq!(wrap("  0123456 a", 5), ["  012", "3456", "a"]);
        assert_eq!((wrap("", 5), wrap("東京都", 4)), (vec![""], vec!["東京", "都"]));
        assert_eq!(wrap("東京", 1), ["東", "京"]);
    }
}
