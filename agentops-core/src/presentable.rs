//! Texts of others, made fit for a terminal and a log: names, answers of servers, errors, labels of files.
//!
//! Whoever chose them is not trusted. A line break or an escape sequence in them would write lines of its own
//! beside ours, and a bidirectional override would turn what is read around (CVE-2021-42574).

use std::borrow::Cow;

/// One line of a text, at most `longest` characters of it; what is cut ends in `…`.
///
/// White space that breaks a line becomes a space; other control characters, and the invisible ones that turn or
/// hide what stands beside them, are escaped as `\u{202e}`.
pub(crate) fn presentable(text: &str, longest: usize) -> Cow<'_, str> {
    if is_presentable(text, longest) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len().min(longest.saturating_mul(2)));
    let mut letters = text.chars();
    letters.by_ref().take(longest).for_each(|letter| push(&mut line, letter));
    if letters.next().is_some() {
        line.push('…');
    }
    Cow::Owned(line)
}

/// The same of a text whose end says as much as its start, as that of an error, whose end is its cause: so many
/// characters of each.
pub(crate) fn presentable_ends(text: &str, [start, end]: [usize; 2]) -> Cow<'_, str> {
    let letters = text.chars().count();
    if letters <= start + 1 + end {
        return presentable(text, usize::MAX);
    }
    let mut line = String::new();
    text.chars().take(start).for_each(|letter| push(&mut line, letter));
    line.push('…');
    text.chars().skip(letters - end).for_each(|letter| push(&mut line, letter));
    Cow::Owned(line)
}

fn is_presentable(text: &str, longest: usize) -> bool {
    !text.chars().any(is_harmful) && (text.len() <= longest || text.chars().count() <= longest)
}

fn push(line: &mut String, letter: char) {
    if !is_harmful(letter) {
        line.push(letter);
    } else if letter.is_whitespace() {
        line.push(' ');
    } else {
        line.extend(letter.escape_unicode());
    }
}

/// Whether a character does more than stand where it is. The joiners U+200C and U+200D are parts of words and of
/// emoji and stay.
pub(crate) fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Marks, embeddings, overrides and isolates of direction.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Nothing that is seen: zero width space, soft hyphen, word joiner and its kin, byte order mark, tags.
            | '\u{200b}' | '\u{00ad}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmless_text_is_borrowed_as_it_is() {
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
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(presentable("größer", 3), "grö…");
        assert_eq!(presentable("größer", 6), "größer");
        assert_eq!(presentable("a\nbc", 2), "a …");
    }

    #[test]
    fn a_long_error_keeps_its_start_and_its_end() {
        assert_eq!(presentable_ends("could not plan: refused", [5, 7]), "could…refused");
        assert_eq!(presentable_ends("refused\n", [5, 7]), "refused ");
    }
}
