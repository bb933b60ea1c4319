//! Texts as Rust string literals.

use crate::terminal::plain;

/// Most `#` of a raw string.
const MOST_HASHES: usize = 255;

/// Returns a text as a Rust string literal of one line.
pub(super) fn literal(text: &str) -> String {
    match text {
        _ if text.contains('\n') => escaped(text),
        _ if text.contains(['"', '\\']) => raw(text).unwrap_or_else(|| escaped(text)),
        _ if is_legible(text) => format!("\"{text}\""),
        _ => escaped(text),
    }
}

/// Returns a text of several lines as a raw string, or as a literal for each line where that would not be legible.
pub(super) fn block(text: &str) -> String {
    raw(text).unwrap_or_else(|| {
        let lines =
            text.split_inclusive('\n').map(|line| format!("            {},\n", escaped(line)));
        format!("concat!(\n{}        )", lines.collect::<String>())
    })
}

/// Returns a text as a raw string, if it is legible.
fn raw(text: &str) -> Option<String> {
    let hashes = "#".repeat(hashes(text));
    let is_short = hashes.len() <= MOST_HASHES;
    (is_short && is_legible(text)).then(|| format!("r{hashes}\"{text}\"{hashes}"))
}

/// Returns `true` if a text stands in a file as it is read. The compiler rejects a carriage return in a raw string, and
/// characters that reorder others; editors remove spaces at the end of a line.
fn is_legible(text: &str) -> bool {
    text.split('\n').all(|line| plain(line) == line && !line.ends_with(char::is_whitespace))
}

/// Returns the number of `#` that no `"` in a text is followed by.
fn hashes(text: &str) -> usize {
    let after_quote = text.split('"').skip(1);
    let longest = after_quote.map(|rest| rest.len() - rest.trim_start_matches('#').len()).max();
    longest.map_or(1, |longest| longest + 1)
}

fn escaped(text: &str) -> String {
    let mut literal = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '\n' | '\r' | '\t' => literal.extend(letter.escape_default()),
            _ if is_legible(letter.encode_utf8(&mut [0; 4])) || letter == ' ' => {
                literal.push(letter);
            }
            _ => literal.extend(letter.escape_unicode()),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_is_raw_where_that_is_legible() {
        let cases = [
            ("tea", r#""tea""#),
            ("", r#""""#),
            ("日本 {}", r#""日本 {}""#),
            (r#"{"a":"b\n"}"#, r##"r#"{"a":"b\n"}"#"##),
            (r##"a"#b"##, r###"r##"a"#b"##"###),
            ("a\nb", r#""a\nb""#),
            ("a \nb", r#""a \nb""#),
            ("a\r\n\t\0\"\\", r#""a\r\n\t\u{0}\"\\""#),
            ("\u{202e}\u{1b}[2J\u{feff}", r#""\u{202e}\u{1b}[2J\u{feff}""#),
        ];
        for (text, expected) in cases {
            assert_eq!(literal(text), expected, "{text:?}");
        }
        let many = format!("\"{}", "#".repeat(255));
        assert_eq!(literal(&many), format!("\"\\{many}\""));
    }

    #[test]
    fn block_keeps_lines() {
        assert_eq!(block("a\n \"b\n"), "r#\"a\n \"b\n\"#");
        let expected = "concat!(\n            \"a \\n\",\n            \"b\",\n        )";
        assert_eq!(block("a \nb"), expected);
    }
}
