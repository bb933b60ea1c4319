//! Texts of programs and models on the terminal: one line, of a known width, without control characters.

use agentops_core::push::one_line;
use serde::de::IgnoredAny;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns a text as one line. A line break becomes a space; characters that control the terminal, or reorder what is
/// around them, are escaped.
pub(crate) fn plain(text: &str) -> String {
    one_line(text).into_owned()
}

/// Returns JSON with those characters of its strings escaped that control the terminal, or reorder what is around them. A
/// text that is no JSON is returned as it is.
pub(crate) fn legible_json(json: &str) -> String {
    // Other ASCII control characters are no part of a string in JSON.
    let is_plain = |letter: char| {
        letter < '\x7f' || plain(letter.encode_utf8(&mut [0; 4])).starts_with(letter)
    };
    if json.chars().all(is_plain) || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let mut legible = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_plain(letter) {
            legible.push(letter);
        } else {
            let units = letter.encode_utf16(&mut [0; 2]).to_vec();
            legible.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    legible
}

/// Returns the number of columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text that takes at most this many columns; one that is cut ends in `…`.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take_while(room(columns.saturating_sub(1))).collect();
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Returns the end of a text that takes at most this many columns; one that is cut begins with `…`.
pub(crate) fn fit_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let kept = text.chars().rev().take_while(room(columns.saturating_sub(1)));
    let kept: Vec<_> = kept.chain((columns > 0).then_some('…')).collect();
    kept.into_iter().rev().collect()
}

/// Returns a predicate that is true for letters as long as there is room for them.
fn room(mut columns: usize) -> impl FnMut(&char) -> bool {
    move |letter| {
        let left = columns.checked_sub(letter.width().unwrap_or_default());
        columns = left.unwrap_or_default();
        left.is_some()
    }
}

/// Returns a text whole, as lines of at most this many columns; a break of its own stays one.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(&plain(line), columns)).collect()
}

fn wrap_line(line: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut used) = (vec![String::new()], 0);
    for word in line.split_inclusive(' ') {
        if used > 0 && used + width(word.trim_end()) > columns {
            lines.push(String::new());
            used = 0;
        }
        for letter in word.chars() {
            let wide = letter.width().unwrap_or_default();
            if used > 0 && used + wide > columns {
                // The space after a word that ends with the line.
                if letter == ' ' {
                    continue;
                }
                lines.push(String::new());
                used = 0;
            }
            if let Some(last) = lines.last_mut() {
                last.push(letter);
            }
            used += wide;
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_cuts_at_columns_not_characters() {
        assert_eq!(fit("search", 6), "search");
        assert_eq!(fit("search", 5), "sear…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!((fit("ab", 1), fit("ab", 0)), ("…".to_owned(), String::new()));
        assert_eq!(
            ["search", "日本語", "ab"].map(|text| fit_end(text, 5)),
            ["…arch", "…本語", "ab"]
        );
    }

    #[test]
    fn wrap_keeps_every_word_within_columns() {
        assert_eq!(wrap("the card was declined", 10), ["the card", "was", "declined"]);
        assert_eq!(wrap("declinedforever now\nx", 8), ["declined", "forever", "now", "x"]);
        assert_eq!(wrap("the card was", 8), ["the card", "was"]);
        assert_eq!(wrap("日本語日本", 6), ["日本語", "日本"]);
    }

    #[test]
    fn plain_text_cannot_control_the_terminal() {
        assert_eq!(plain("a\x1b[2J\nb\u{202e}"), r"a\u{1b}[2J b\u{202e}");
    }

    #[test]
    fn legible_json_has_the_same_value() {
        let json = "{\"a\":\"\\n\u{202e}\u{e0001}\u{7f}é\"}";
        assert_eq!(legible_json(json), r#"{"a":"\n\u202e\udb40\udc01\u007fé"}"#);
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&legible_json(json)), value(json));
        for as_it_is in ["no\u{202e}JSON", "[\r\n\"日本\"]"] {
            assert_eq!(legible_json(as_it_is), as_it_is);
        }
    }
}
