//! Search for a secret in a text, in any of its spellings.

use std::collections::BTreeSet;

use crate::process::presentable::is_harmful;

/// Minimum length of a secret: hiding `v=1` from the query of an address would make any text unreadable.
pub(super) const SHORTEST: usize = 4;
/// Length below which a secret is found only as a whole word: `prod` is not found in `product`.
pub(super) const LONG: usize = 8;
/// Maximum number of invisible characters between two visible ones.
const LONGEST_GAP: usize = 16;
/// Maximum bytes of dots, spaces and the like behind a truncated secret.
const LONGEST_END: usize = 64;

/// Search pattern of a secret of at least [`SHORTEST`] characters.
#[derive(Debug)]
pub(super) struct SecretPattern(Vec<Letter>);

/// Character with its escaped spellings in addresses, in JSON and in HTML.
#[derive(Debug)]
struct Letter {
    itself: char,
    spellings: Vec<String>,
}

impl SecretPattern {
    pub(super) fn new(secret: &str) -> Option<Self> {
        let letters: Vec<_> = secret.trim().chars().map(Letter::new).collect();
        (letters.len() >= SHORTEST).then_some(Self(letters))
    }

    /// Returns the end of the secret if it starts at this byte of a text.
    ///
    /// Half of a secret, of at least [`LONG`] characters, counts as well, since the text may repeat it truncated.
    /// At the end of the text, [`SHORTEST`] characters are enough, since the rest may have been cut off.
    pub(super) fn end_of(&self, text: &str, start: usize) -> Option<usize> {
        if self.is_short() && !is_free_before(&text[..start]) {
            return None;
        }
        let mut ends = BTreeSet::from([start]);
        for (count, letter) in self.0.iter().enumerate() {
            let may_skip = count > 0 && !self.is_short();
            let next: BTreeSet<_> =
                ends.iter().flat_map(|&end| letter.ends(text, end, may_skip)).collect();
            if next.is_empty() {
                let end = *ends.last()?;
                return self.is_enough(count, &text[end..], letter).then_some(end);
            }
            ends = next;
        }
        let end = *ends.last()?;
        (!self.is_short() || is_free_after(&text[end..])).then_some(end)
    }

    fn is_short(&self) -> bool {
        self.0.len() < LONG
    }

    /// Returns `true` if this many characters of the secret, followed by this rest of the text, must be hidden.
    fn is_enough(&self, count: usize, rest: &str, next: &Letter) -> bool {
        let is_half = count >= LONG && count * 2 >= self.0.len();
        is_half || (count >= SHORTEST && (is_an_end(rest) || next.is_begun_by(rest)))
    }
}

impl Letter {
    fn new(itself: char) -> Self {
        let in_address: String =
            itself.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02x}")).collect();
        let in_json: String =
            itself.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let code = u32::from(itself);
        let mut spellings = vec![in_address, in_json];
        spellings.extend([format!("&#{code};"), format!("&#x{code:x};"), format!("\\x{code:02x}")]);
        let others: &[&str] = match itself {
            '"' => &["\\\"", "&quot;"],
            '\\' => &["\\\\"],
            '/' => &["\\/"],
            '&' => &["&amp;"],
            '<' => &["&lt;"],
            '>' => &["&gt;"],
            '\'' => &["\\'", "&apos;"],
            '\t' => &["\\t"],
            ' ' => &["+"],
            _ => &[],
        };
        spellings.extend(others.iter().map(ToString::to_string));
        Self { itself, spellings }
    }

    /// Returns the possible ends of the character if it starts at this byte, or behind invisible characters there.
    fn ends(&self, text: &str, start: usize, may_skip: bool) -> Vec<usize> {
        let rest = &text[start..];
        let gap = if may_skip { LONGEST_GAP } else { 0 };
        let unseen = rest
            .chars()
            .take(gap)
            .take_while(|letter| letter.is_whitespace() || is_harmful(*letter));
        let mut begins = vec![start];
        begins.extend(unseen.scan(start, |place, letter| {
            *place += letter.len_utf8();
            Some(*place)
        }));
        begins.iter().flat_map(|&begin| self.ends_at(&text[begin..], begin)).collect()
    }

    fn ends_at(&self, rest: &str, begin: usize) -> impl Iterator<Item = usize> {
        let first = rest.chars().next();
        let is_it = first.filter(|&first| {
            first == self.itself || (self.itself.is_whitespace() && first.is_whitespace())
        });
        let spelt = self.spellings.iter().filter(|spelling| begins_with(rest, spelling));
        let lengths = spelt.map(String::len).chain(is_it.map(char::len_utf8));
        lengths.map(move |length| begin + length)
    }

    /// Returns `true` if a text ends within one of the spellings.
    fn is_begun_by(&self, rest: &str) -> bool {
        self.spellings
            .iter()
            .any(|spelling| rest.len() < spelling.len() && begins_with(spelling, rest))
    }
}

fn begins_with(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// Returns `true` if a text is over, except for dots that mark a truncation.
fn is_an_end(rest: &str) -> bool {
    rest.len() <= LONGEST_END && rest.trim_start_matches(['.', '…']).trim().is_empty()
}

/// Returns `true` if a word may start after a text: at the start, or after a non-alphanumeric or percent-encoded
/// character.
fn is_free_before(text: &str) -> bool {
    let is_escape =
        |end: &str| end.starts_with('%') && end[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    let last = text.len().checked_sub(3).and_then(|start| text.get(start..));
    !text.chars().next_back().is_some_and(char::is_alphanumeric) || last.is_some_and(is_escape)
}

fn is_free_after(text: &str) -> bool {
    !text.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(secret: &str, text: &str) -> Option<String> {
        let pattern = SecretPattern::new(secret).unwrap();
        let places = text.char_indices().map(|(place, _)| place);
        let (start, end) =
            places.filter_map(|start| Some((start, pattern.end_of(text, start)?))).next()?;
        Some(format!("{}<>{}", &text[..start], &text[end..]))
    }

    #[test]
    fn secret_pattern_matches_every_encoding() {
        const SECRET: &str = "sk/liv\"e é&1+2 3";
        for spelling in [
            "sk/liv\"e é&1+2 3",
            "sk%2Fliv%22e%20%C3%A9%261%2B2%203",
            "sk%2fliv%22e+%c3%a9%261%2b2+3",
            "%73%6B%2F%6C%69%76%22%65%20%C3%A9%26%31%2B%32%20%33",
            "sk\\/liv\\\"e \\u00e9&1+2 3",
            "sk/liv\\u0022e \\u00E9\\u00261\\u002B2 3",
            "sk/liv&quot;e é&amp;1+2 3",
            "sk&#x2F;liv&#34;e &#233;&#38;1&#43;2 3",
            "sk/l\u{200b}iv\r\n \"e é&1+2\t3",
            "s\u{202e}k/liv\"e \u{1b}é&1+2 3",
        ] {
            assert_eq!(
                found(SECRET, &format!("a {spelling}!")).as_deref(),
                Some("a <>!"),
                "{spelling}"
            );
        }
        for other in ["sk/liv e é&1+2 3", "SK/LIV\"E é&1+2 3", "sk/"] {
            assert_eq!(found(SECRET, other), None, "{other}");
        }
        assert_eq!(found("50%25 off", "50%2525 off!").as_deref(), Some("<>!"));
    }

    #[test]
    fn truncated_secret_is_hidden() {
        const SECRET: &str = "sk-live-AAAABBBB";
        let cases = [
            ("key sk-live-AAA is", Some("key <> is")),
            ("key sk-live-… is", Some("key <>… is")),
            ("key sk-live is", None),
            ("key sk-live", Some("key <>")),
            ("key sk-l...", Some("key <>...")),
            ("key sk-…", None),
            ("key sk%2Dl%", Some("key <>%")),
            ("key sk%2Dl%6", Some("key <>%6")),
            ("key sk%2Dl%2", None),
        ];
        for (text, expected) in cases {
            assert_eq!(found(SECRET, text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn short_secret_is_hidden_as_a_whole_word() {
        let cases = [
            ("for prod.", Some("for <>.")),
            ("?env=prod&", Some("?env=<>&")),
            ("?env%3Dprod", Some("?env%3D<>")),
            ("a product", None),
            ("nonprod", None),
            ("p r o d", None),
        ];
        for (text, expected) in cases {
            assert_eq!(found("prod", text).as_deref(), expected, "{text}");
        }
        assert!(SecretPattern::new("v=1").is_none());
    }

    #[test]
    fn gaps_cost_linear_time() {
        let pattern = SecretPattern::new("sk-live-AAAA").unwrap();
        let gaps = format!("sk-l{}", " ".repeat(4 << 20));
        assert_eq!((0..300).find_map(|start| pattern.end_of(&gaps, start)), None);
    }
}
