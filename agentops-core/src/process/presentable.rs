//! Escaping of untrusted texts for terminals and logs: names, responses of servers, errors and paths.
//!
//! A line break or an escape sequence in such a text could forge lines of output, and a bidirectional override
//! could change how the text around it is read (CVE-2021-42574).

use std::{borrow::Cow, fmt::Display, path::Path};

/// Most characters of a name in a message, so that the remedy after it is not cut off.
const LONGEST_NAME: usize = 100;

/// Most characters of the start and of the end of a path that is too long.
const PATH_ENDS: [usize; 2] = [120, 279];

/// Most items of a list that are named.
pub(crate) const MOST_LISTED: usize = 10;

/// Returns a text as one line of at most `longest` characters; a text that is cut ends in `…`.
///
/// White space that breaks a line becomes a space. Other control characters, and invisible characters that reorder
/// or hide their neighbours, are escaped as in `\u{202e}`.
pub(crate) fn presentable(text: &str, longest: usize) -> Cow<'_, str> {
    if is_presentable(text, longest) {
        return Cow::Borrowed(text);
    }
    let mut line = Line { text: String::new(), room: longest };
    if !text.chars().all(|letter| line.push(letter)) {
        line.text.push('…');
    }
    Cow::Owned(line.text)
}

/// Returns a text as one line that keeps this many characters of its start and of its end. It is for texts such as
/// errors, whose end names the cause.
pub(crate) fn presentable_ends(text: &str, [start, end]: [usize; 2]) -> Cow<'_, str> {
    let mut whole = Line { text: String::new(), room: start + 1 + end };
    if text.chars().all(|letter| whole.push(letter)) {
        return Cow::Owned(whole.text);
    }
    let (mut first, mut last) = (Line { text: String::new(), room: start }, Vec::new());
    let _ = text.chars().all(|letter| first.push(letter));
    let mut room = end;
    for letter in text.chars().rev() {
        let mut one = Line { text: String::new(), room };
        if !one.push(letter) {
            break;
        }
        room = one.room;
        last.push(one.text);
    }
    last.push("…".to_owned());
    last.push(first.text);
    Cow::Owned(last.into_iter().rev().collect())
}

/// Returns a name in the form used in messages.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    presentable(text, LONGEST_NAME)
}

/// Returns a path in the form used in messages.
pub fn shown(path: &Path) -> String {
    presentable_ends(&path.to_string_lossy(), PATH_ENDS).into_owned()
}

/// Returns the first ten items as text, and the number of further ones.
pub(crate) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter();
    let mut told: Vec<_> = items.by_ref().take(MOST_LISTED).map(|item| item.to_string()).collect();
    let more = items.count();
    told.extend((more > 0).then(|| format!("and {more} more")));
    told.join(", ")
}

fn is_presentable(text: &str, longest: usize) -> bool {
    (text.len() <= longest || text.chars().take(longest.saturating_add(1)).count() <= longest)
        && !text.chars().any(is_harmful)
}

/// Line that is being built, with the number of characters that still fit.
struct Line {
    text: String,
    room: usize,
}

impl Line {
    /// Appends a character or its replacement. Returns `false` if there is no room for it.
    fn push(&mut self, letter: char) -> bool {
        let (shown, escaped) = if !is_harmful(letter) {
            (letter, None)
        } else if letter.is_whitespace() {
            (' ', None)
        } else {
            (letter, Some(letter.escape_unicode()))
        };
        let takes = escaped.as_ref().map_or(1, ExactSizeIterator::len);
        let fits = takes <= self.room;
        if fits {
            self.room -= takes;
            match escaped {
                Some(escaped) => self.text.extend(escaped),
                None => self.text.push(shown),
            }
        }
        fits
    }
}

/// Returns `true` for characters that affect more than their own position. The joiners U+200C and U+200D are parts
/// of words and emoji, and are kept.
pub(crate) fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Marks, embeddings, overrides and isolates of direction.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible characters: zero width space, soft hyphen, word joiner and similar, byte order mark, tags.
            | '\u{200b}' | '\u{00ad}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_borrowed() {
        for text in ["", "plan", "Grüße an 東京", "👩\u{200d}🔬", "می\u{200c}خواهم"]
        {
            assert!(matches!(presentable(text, 20), Cow::Borrowed(line) if line == text), "{text}");
        }
    }

    #[test]
    fn line_breaks_become_spaces_and_escapes_are_shown() {
        let cases = [
            ("a\nagentops: fake", "a agentops: fake"),
            ("a\r\n\tb", "a   b"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
            ("\u{1b}]0;pwned\u{7}\u{1b}[2J", r"\u{1b}]0;pwned\u{7}\u{1b}[2J"),
            ("\u{9b}31m\u{7f}\u{0}", r"\u{9b}31m\u{7f}\u{0}"),
            ("no \u{202e}gnp.exe", r"no \u{202e}gnp.exe"),
            ("\u{2066}a\u{2069}\u{200f}\u{61c}", r"\u{2066}a\u{2069}\u{200f}\u{61c}"),
            ("a\u{200b}b\u{feff}c\u{ad}d", r"a\u{200b}b\u{feff}c\u{ad}d"),
        ];
        for (text, line) in cases {
            assert_eq!(presentable(text, usize::MAX), line, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(presentable("größer", 3), "grö…");
        assert_eq!(presentable("größer", 6), "größer");
        assert_eq!(presentable("a\nbc", 2), "a …");
        // Escapes count with their full length.
        assert_eq!(presentable("\u{1b}\u{1b}", 11), r"\u{1b}…");
    }

    #[test]
    fn long_error_keeps_its_start_and_end() {
        assert_eq!(presentable_ends("could not plan: refused", [5, 7]), "could…refused");
        assert_eq!(presentable_ends("refused\n", [5, 7]), "refused ");
        assert_eq!(presentable_ends("a\u{1b}bcdefghi", [6, 3]), "a…ghi");
        assert_eq!(presentable_ends("abcdefg\u{1b}", [2, 6]), r"ab…\u{1b}");
        assert_eq!(presentable_ends("abc…", [2, 1]), "abc…");
        assert_eq!(presentable_ends("abcdefg…", [2, 2]), "ab…g…");
    }

    #[test]
    fn list_names_ten_items_and_counts_the_rest() {
        assert_eq!(listed([""; 0]), "");
        assert_eq!(listed(["a", "b"]), "a, b");
        assert_eq!(listed(0..10), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        assert_eq!(listed(0..12), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more");
    }
}
