//! Masks for common secrets: e-mail addresses, keys and card numbers.
//!
//! They match by pattern, so treat them as best effort: a secret without a recognisable form is not masked, and
//! one that was truncated because its value exceeded `max_len` may not be either.
//!
//! ```
//! use agentops::{TracingConfig, masks};
//!
//! let config = TracingConfig::builder()
//!     .mask(masks::emails())
//!     .mask(masks::keys())
//!     .mask(masks::card_numbers());
//! # drop(config);
//! ```

use std::{borrow::Cow, ops::Range};

use regex::{Regex, RegexBuilder};

use super::{
    Mask, MaskedText,
    marks::{CARD_NUMBER, E_MAIL, KEY},
};
use crate::credential::{credential, replace_credentials};

/// Masks e-mail addresses as `<e-mail>`.
#[must_use]
pub fn emails() -> impl Mask {
    const USER: &str = r#"[^\x00-\x20\x7f"'`<>(),:;@\[\\\]{}|/=]"#;
    const HOST: &str = r"[^\x00-,./:-@\[-`{-\x7f]";
    let address = pattern(&format!(r"{USER}+@(?:{HOST}+\.)+{HOST}{{2,}}"));
    move |it: &MaskedText<'_>| replaced(&address, it.text, E_MAIL)
}

/// Masks keys, tokens, passwords in URLs and private keys as `<key>`. Recognised are: keys with a known prefix, as
/// of model providers, clouds and code hosts; JSON web tokens; text after `Bearer` and `Basic`; and the values of
/// fields named like credentials, such as `api_key` or `password`, in JSON, in `Debug` output
/// (`Login { password: "…" }`, `{"x-api-key": "…"}`) and in URL queries (`?api_key=…`).
#[must_use]
pub fn keys() -> impl Mask {
    let shapes = pattern(&SHAPES_OF_KEYS.join("|"));
    let names = pattern(NAMES_OF_KEYS);
    move |it: &MaskedText<'_>| {
        let is_named = names.is_match(it.name)
            || credential(it.name).is_some_and(|credential| !credential.shows(it.text));
        if is_named && !it.text.is_empty() {
            return Some(KEY.to_owned());
        }
        let by_name = replace_credentials(it.text, KEY);
        let text = by_name.as_deref().unwrap_or(it.text);
        replaced(&shapes, text, "${before}<key>").or(by_name)
    }
}

/// Masks payment card numbers as `<card number>`: 13 to 19 consecutive digits, or up to 16 in the groups used on
/// cards, with a valid check digit.
#[must_use]
pub fn card_numbers() -> impl Mask {
    let shape = pattern(SHAPE_OF_CARDS);
    move |it: &MaskedText<'_>| {
        let mut masked = String::new();
        let mut done = 0;
        while let Some(card) = next_card(&shape, it.text, done) {
            masked.push_str(&it.text[done..card.start]);
            masked.push_str(CARD_NUMBER);
            done = card.end;
        }
        (done > 0).then(|| masked + &it.text[done..])
    }
}

/// Patterns of keys. The group `before` matches text in front of the key that is kept.
const SHAPES_OF_KEYS: [&str; 6] = [
    // OpenAI, Anthropic, Stripe, Groq, xAI, Perplexity, Hugging Face, Replicate, Tavily, Langfuse, npm, PyPI
    r"(?-u:\b)(?:sk|pk|rk|gsk|xai|pplx|hf|r8|tvly|lf|npm|pypi|whsec)[-_][A-Za-z0-9_\-]{16,}",
    // GitHub, GitLab, Slack
    r"(?-u:\b)(?:gh[oprsu]_|github_pat_|glpat-|xox[abeoprs]-|xapp-)[A-Za-z0-9_\-]{10,}",
    // AWS, Google
    r"(?-u:\b)(?:(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)|AIza[A-Za-z0-9_\-]{30,}|ya29\.[A-Za-z0-9_\-]{20,})",
    // JSON web tokens
    r"(?-u:\b)eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?",
    // Headers, and passwords in URLs
    r"(?P<before>(?:(?:[Bb]earer|[Bb]asic|BEARER|BASIC) +|://[^\x00-\x20/@:]*:))(?:[A-Za-z0-9._~+/\-]{8,}=*|[^\x00-\x20/@]+@)",
    // PEM
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
];

const NAMES_OF_KEYS: &str = r"(?i-u:api[_-]?key|passwd|password|passphrase|secret|authorization|credential|private[_-]?key|(?:access|auth|bearer|refresh)[_-]?token)";

/// Card number without separators, or in the groups used by most issuers (4-4-4-4), Amex or Diners.
const SHAPE_OF_CARDS: &str = r"(?-u:\b)[2-6](?:[0-9]{12,18}|[0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{1,4}|[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5})(?-u:\b)";

fn pattern(pattern: &str) -> Regex {
    let built = RegexBuilder::new(pattern).size_limit(1 << 22).build();
    #[expect(clippy::expect_used, reason = "the patterns are constants, and each is tested")]
    built.expect("a constant pattern")
}

fn replaced(what: &Regex, text: &str, with: &str) -> Option<String> {
    match what.replace_all(text, with) {
        Cow::Borrowed(_) => None,
        Cow::Owned(masked) => Some(masked),
    }
}

fn next_card(shape: &Regex, text: &str, from: usize) -> Option<Range<usize>> {
    let mut from = from;
    loop {
        let found = shape.find_at(text, from)?;
        let is_fraction = text[..found.start()].ends_with('.');
        if !is_fraction && has_right_check_digit(found.as_str()) {
            return Some(found.range());
        }
        // A card number may begin inside a match that was rejected.
        from = found.start() + 1;
    }
}

/// Checks a number by Luhn's formula (ISO/IEC 7812-1).
fn has_right_check_digit(number: &str) -> bool {
    let digits =
        number.bytes().rev().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0'));
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { doubled(digit) } else { digit })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: &impl Mask, text: &str) -> String {
        named(mask, "input", text)
    }

    fn named(mask: &impl Mask, name: &str, text: &str) -> String {
        let it = MaskedText { name, attribute: "agentops.entity.input", text };
        mask.mask(&it).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn e_mail_addresses_are_masked_wherever_they_stand() {
        let mask = emails();
        for (text, expected) in [
            ("ada@example.com", "<e-mail>"),
            ("Ada <ada.l+x@mail.example.co.uk>, bob@b.io.", "Ada <<e-mail>>, <e-mail>."),
            ("mailto:jörg@müller.de?subject=x", "mailto:<e-mail>?subject=x"),
            ("@home, a@b, 5 @ 3.20", "@home, a@b, 5 @ 3.20"),
        ] {
            assert_eq!(masked(&mask, text), expected);
        }
    }

    #[test]
    fn keys_are_masked_by_their_shape() {
        let mask = keys();
        let long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7";
        for (text, expected) in [
            (format!("key=sk-proj-{long}, ok"), "key=<key>, ok"),
            (format!("sk-ant-api03-{long}"), "<key>"),
            (format!("ghp_{long} github_pat_{long}"), "<key> <key>"),
            (format!("AIza{long} AKIAIOSFODNN7EXAMPLE"), "<key> <key>"),
            (format!("hf_{long}"), "<key>"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP".to_owned(), "<key>"),
            (format!("Authorization: Bearer {long}"), "Authorization: Bearer <key>"),
            ("curl -H 'basic dXNlcjpwYXNzd29yZA=='".to_owned(), "curl -H 'basic <key>'"),
            ("postgres://app:hunter2@db/x".to_owned(), "postgres://app:<key>db/x"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".to_owned(),
                "<key>",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE".to_owned(), "<key>"),
            ("ask-me-anything-about-the-desk".to_owned(), "ask-me-anything-about-the-desk"),
            ("a bearer of news".to_owned(), "a bearer of news"),
            ("Here is the token: it counts, as the secret: does".to_owned(), "Here is the token: it counts, as the secret: does"),
            (
                r#"Client { base: "http://x", token: "T", password: "P", pin: None }"#.to_owned(),
                r#"Client { base: "http://x", token: "<key>", password: "<key>", pin: None }"#,
            ),
            (r#"Some(Auth { jwt: Some("T") })"#.to_owned(), r#"Some(Auth { jwt: "<key>" })"#),
            (
                r#"{"x-api-key": "K", "accept": "*/*", "cookie": "sid=C", "authorization": Sensitive}"#
                    .to_owned(),
                r#"{"x-api-key": "<key>", "accept": "*/*", "cookie": "<key>", "authorization": "<key>"}"#,
            ),
            (
                "see https://h/p?api_key=K&x=1#f or /p?token=T".to_owned(),
                "see https://h/p?api_key=<key>&x=1#f or /p?token=<key>",
            ),
            (r#"send {"password": "P"} there"#.to_owned(), r#"send {"password": "<key>"} there"#),
        ] {
            assert_eq!(masked(&mask, &text), expected);
        }
    }

    #[test]
    fn key_names_are_recognised() {
        let mask = keys();
        for name in
            ["api_key", "OPENAI_API_KEY", "apiKey", "password", "dbPassword", "client-secret"]
        {
            assert_eq!(named(&mask, name, "hunter2"), "<key>", "{name}");
        }
        for name in ["max_tokens", "author", "keyboard", "input"] {
            assert_eq!(named(&mask, name, "hunter2"), "hunter2", "{name}");
        }
    }

    #[test]
    fn card_numbers_need_a_valid_check_digit() {
        let mask = card_numbers();
        for (text, expected) in [
            ("4111111111111111", "<card number>"),
            ("pay 5500 0055 5555 5559 now", "pay <card number> now"),
            ("3782-822463-10005, 2223003122003222", "<card number>, <card number>"),
            ("order 1234 4111 1111 1111 1111", "order 1234 <card number>"),
            ("4111 1111 1111 1111 123", "<card number> 123"),
            ("4111111111111112", "4111111111111112"),
            ("0.4111111111111111", "0.4111111111111111"),
            ("1700000000000000000", "1700000000000000000"),
            ("a4111111111111111b", "a4111111111111111b"),
        ] {
            assert_eq!(masked(&mask, text), expected);
        }
    }
}
