//! Texts in quotes within another text, with their escapes decoded: JSON in a string of JSON.

use memchr::{memchr, memchr2};

/// Calls `read` with each text in quotes that has escapes, decoded, until it returns a result. Texts without escapes
/// read the same outside.
///
/// The last one may lack its closing quote, since recorders cut long texts.
pub(super) fn find_in_quoted<T>(text: &str, mut read: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let mut rest = text;
    // A text without a backslash costs one pass.
    while memchr(b'\\', rest.as_bytes()).is_some() {
        let start = memchr(b'"', rest.as_bytes())? + 1;
        let (end, has_escapes) = end_of_quoted(&rest[start..]);
        let quoted = &rest[start..start + end];
        if let Some(found) = has_escapes.then(|| read(&decoded(quoted))).flatten() {
            return Some(found);
        }
        rest = rest.get(start + end + 1..).unwrap_or_default();
    }
    None
}

/// Returns the length up to the closing quote, and whether there are escapes before it.
fn end_of_quoted(text: &str) -> (usize, bool) {
    let (bytes, mut at, mut has_escapes) = (text.as_bytes(), 0, false);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return (at, has_escapes);
        }
        has_escapes = true;
        at += 2;
    }
    (bytes.len(), has_escapes)
}

/// Decodes the escapes of JSON. What is none stays as it is.
fn decoded(text: &str) -> String {
    let (mut decoded, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        let (letter, length) = escape(&rest[at..]).unwrap_or(('\\', 1));
        decoded.push_str(&rest[..at]);
        decoded.push(letter);
        rest = &rest[at + length..];
    }
    decoded + rest
}

/// Returns the letter of the escape at the start of a text, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text),
        other @ (b'"' | b'\\' | b'/') => char::from(*other),
        _ => return None,
    };
    Some((letter, 2))
}

/// Returns the letter of `\uXXXX`, or of two of them that are a surrogate pair.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let first = unit(text.as_bytes())?;
    let second = text.as_bytes().get(6..).and_then(unit);
    let units = [first, second.unwrap_or_default()];
    let letter = char::decode_utf16(units).next()?.unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((letter, 6 * letter.len_utf16()))
}

/// Returns the number in `\uXXXX` at the start of a text.
pub(super) fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let number = digits.iter().map(|digit| char::from(*digit).to_digit(16));
    let number = number.reduce(|sum, digit| Some(sum? * 16 + digit?))??;
    u16::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        let _: Option<()> = find_in_quoted(text, |quoted| {
            all.push(quoted.to_owned());
            None
        });
        all
    }

    #[test]
    fn quoted_texts_are_decoded_if_they_have_escapes() {
        let json = r#"{"a":"plain","b\n":["\"\\\/\b\f\r\t\u65e5\uD83d\ude00é"],"c":1}"#;
        assert_eq!(all(json), ["b\n", "\"\\/\u{8}\u{c}\r\t日😀é"]);
    }

    #[test]
    fn quoted_text_may_be_cut_off_or_no_json() {
        assert_eq!(all(r#"["one \"two"#), [r#"one "two"#]);
        assert_eq!(all(r#""a\""#), ["a\""]);
        assert_eq!(all("\"a\\"), ["a\\"]);
        assert_eq!(all(r#""\ud83d! \u12 \x \u{1f}""#), ["\u{fffd}! \\u12 \\x \\u{1f}"]);
        assert_eq!(all(r"no quotes \n"), [""; 0]);
    }
}
