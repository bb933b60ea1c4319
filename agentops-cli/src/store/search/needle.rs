//! Text that is searched for, and the text around it where it is found.

use std::ops::Range;

use memchr::memmem::Finder;

use super::quoted_texts::find_in_quoted;

/// Characters kept before and after a found text, and most of itself.
const AROUND: usize = 80;
/// Most texts in quotes within each other that are read; each level of escapes needs more room than the one around it.
const DEEPEST: usize = 32;

/// Meaning of upper and lower case in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterCase {
    Matters,
    Ignored,
}

/// Text that is searched for.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    text: String,
    case: LetterCase,
    finder: Finder<'static>,
}

/// Found text with what stands around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Excerpt {
    pub(crate) before: String,
    pub(crate) found: String,
    pub(crate) after: String,
}

impl Needle {
    /// Creates a needle of a text.
    pub(crate) fn new(text: &str, case: LetterCase) -> Self {
        let text = match case {
            LetterCase::Matters => text.to_owned(),
            LetterCase::Ignored => lower(text).collect(),
        };
        let finder = Finder::new(text.as_bytes()).into_owned();
        Self { text, case, finder }
    }

    /// Returns the text, in lower case if case is ignored.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn case(&self) -> LetterCase {
        self.case
    }

    /// Finds the needle in a text, or in a JSON text within it, at any depth.
    pub(super) fn excerpt(&self, text: &str) -> Option<Excerpt> {
        self.excerpt_within(text, DEEPEST)
    }

    fn excerpt_within(&self, text: &str, depth: usize) -> Option<Excerpt> {
        if let Some(found) = self.find(text) {
            return Some(Excerpt::new(text, found));
        }
        let deeper = depth.checked_sub(1)?;
        find_in_quoted(text, |quoted| self.excerpt_within(quoted, deeper))
    }

    fn find(&self, text: &str) -> Option<Range<usize>> {
        match self.case {
            LetterCase::Matters => {
                let start = self.finder.find(text.as_bytes())?;
                Some(start..start + self.text.len())
            }
            LetterCase::Ignored => {
                let start = self.finder.find(lower(text).collect::<String>().as_bytes())?;
                Some(origin(text, &(start..start + self.text.len())))
            }
        }
    }
}

/// Returns the letters of a text in lower case, each by itself, so that case at the end of a word is no exception.
fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Returns the part of a text that becomes a part of it in lower case.
fn origin(text: &str, lowered: &Range<usize>) -> Range<usize> {
    let (mut at, mut start) = (0, text.len());
    for (index, letter) in text.char_indices() {
        if at >= lowered.end {
            return start..index;
        }
        at += letter.to_lowercase().map(char::len_utf8).sum::<usize>();
        if at > lowered.start {
            start = start.min(index);
        }
    }
    start..text.len()
}

impl Excerpt {
    fn new(text: &str, found: Range<usize>) -> Self {
        let (before, after) = (&text[..found.start], &text[found.end..]);
        let from = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(index, _)| index);
        Self {
            before: before[from..].to_owned(),
            found: first_letters(&text[found]).to_owned(),
            after: first_letters(after).to_owned(),
        }
    }
}

fn first_letters(text: &str) -> &str {
    &text[..text.char_indices().nth(AROUND).map_or(text.len(), |(index, _)| index)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(needle: &str, case: LetterCase, text: &str) -> Option<(String, String, String)> {
        let excerpt = Needle::new(needle, case).excerpt(text)?;
        Some((excerpt.before, excerpt.found, excerpt.after))
    }

    fn found(before: &str, found: &str, after: &str) -> Option<(String, String, String)> {
        Some((before.to_owned(), found.to_owned(), after.to_owned()))
    }

    #[test]
    fn needle_is_found_outside_before_inside() {
        let text = r#"{"a":"say \"hi\"\n{\"b\":\"x\\ty\"}"}"#;
        let exact = |needle| find(needle, LetterCase::Matters, text);
        assert_eq!(
            exact(r#"\"hi"#),
            found(r#"{"a":"say "#, r#"\"hi"#, r#"\"\n{\"b\":\"x\\ty\"}"}"#)
        );
        assert_eq!(exact("\"hi\"\n"), found("say ", "\"hi\"\n", r#"{"b":"x\ty"}"#));
        assert_eq!(exact("x\ty"), found("", "x\ty", ""));
        assert_eq!(exact("Say"), None);
    }

    #[test]
    fn needle_ignores_case_of_every_script() {
        let any_case = |needle, text| find(needle, LetterCase::Ignored, text);
        assert_eq!(
            any_case("STRASSE ΟΔΟΣ", "die Strasse οδοσ!"),
            found("die ", "Strasse οδοσ", "!")
        );
        assert_eq!(any_case("жук", "БОЛЬШОЙ ЖУК"), found("БОЛЬШОЙ ", "ЖУК", ""));
        assert_eq!(any_case("kelvin", "İ 3 \u{212a}elvin."), found("İ 3 ", "\u{212a}elvin", "."));
        assert_eq!(any_case("ß", "SS"), None);
    }

    #[test]
    fn excerpt_keeps_characters_around_not_bytes() {
        let text = format!("{}x{}", "日".repeat(100), "本".repeat(100));
        let (before, after) = ("日".repeat(80), "本".repeat(80));
        assert_eq!(find("x", LetterCase::Matters, &text), found(&before, "x", &after));
    }

    #[test]
    fn needle_is_found_in_quotes_up_to_a_depth() {
        let nested = |depth| {
            let within = |text: String, _| {
                format!("\"{}\"", text.replace('\\', "\\u005c").replace('"', "\\u0022"))
            };
            (1..depth).fold(r#""a\tb""#.to_owned(), within)
        };
        let is_found = |depth| find("a\tb", LetterCase::Matters, &nested(depth)).is_some();
        assert_eq!(
            [1, 2, DEEPEST, DEEPEST + 1, 300].map(is_found),
            [true, true, true, false, false]
        );
    }
}
