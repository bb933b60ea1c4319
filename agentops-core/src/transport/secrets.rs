//! Secrets of a transport, and quotes of server messages without them.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::secret_pattern::{LONG, SHORTEST, SecretPattern};
use crate::{
    config::{OtlpTarget, Secret},
    process::presentable::presentable,
};

/// Raw message of the endpoint, or of a library that may repeat it or an address.
///
/// It has no `Display`: only [`Secrets::quote`] turns it into text, since secrets must be searched for before
/// anything is cut or escaped.
#[derive(Debug, PartialEq)]
pub(super) struct RawMessage(String);

impl RawMessage {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// Secrets that the endpoint may repeat in its messages: keys, tokens, values of headers and of queries, users and
/// passwords, also those of the proxies.
///
/// A secret is found in every spelling: escaped for addresses, JSON or HTML, in base64 by itself or as part of
/// `user:key`, interrupted by invisible characters, truncated. Texts of fewer than 4 characters are no secrets, and
/// those of fewer than 8 are found only as whole words: hiding a tenant or a version would make a message unreadable.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets(Vec<Secret>);

/// Maximum length of a quote, in characters.
const LONGEST_QUOTE: usize = 300;

impl Secrets {
    /// Collects the secrets of a target.
    pub(super) fn of(target: &OtlpTarget) -> Self {
        let mut texts: Vec<_> =
            target.headers.iter().flat_map(|(_, value)| of_header(value)).collect();
        let proxies = target.proxies.addresses();
        texts.extend(target.addresses().chain(proxies).flat_map(of_address));
        texts.extend(target.key.as_ref().map(|key| key.key.reveal().to_owned()));
        Self(texts.into_iter().map(Secret::new).collect())
    }

    /// Returns these secrets and the values of further headers.
    pub(super) fn and<'a>(&self, headers: impl IntoIterator<Item = &'a HeaderValue>) -> Self {
        let more = headers.into_iter().flat_map(of_header).map(Secret::new);
        Self(self.0.iter().cloned().chain(more).collect())
    }

    /// Returns a short line of the message with `<secret>` in place of each secret; empty if the message is blank.
    pub(super) fn quote(&self, words: &RawMessage) -> String {
        let text = words.0.trim();
        let patterns = if text.is_empty() { Vec::new() } else { self.patterns() };
        let (mut line, mut letters, mut place) = (String::new(), 0, 0);
        while let Some(letter) = text[place..].chars().next() {
            if letters >= LONGEST_QUOTE {
                line.push('…');
                break;
            }
            let end = patterns.iter().filter_map(|pattern| pattern.end_of(text, place)).max();
            match end {
                Some(_) => line.push_str(STAND_IN),
                None => line.push(letter),
            }
            letters += end.map_or(1, |_| STAND_IN.len());
            place = end.unwrap_or(place + letter.len_utf8());
        }
        presentable(line.trim_end(), usize::MAX).into_owned()
    }

    fn patterns(&self) -> Vec<SecretPattern> {
        let texts = self.0.iter().map(Secret::reveal);
        let mut spelt: Vec<_> = texts.flat_map(spelt).collect();
        spelt.sort_unstable();
        spelt.dedup();
        spelt.iter().filter_map(|secret| SecretPattern::new(secret)).collect()
    }
}

const STAND_IN: &str = "<secret>";

/// Returns the value of a header as a whole and in its parts: behind the name of a scheme, between commas and
/// semicolons, behind an equals sign.
fn of_header(value: &HeaderValue) -> Vec<String> {
    let value = String::from_utf8_lossy(value.as_bytes());
    let (scheme, rest) = match value.trim().split_once(char::is_whitespace) {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest.trim()),
        _ => ("", value.trim()),
    };
    let mut texts = vec![rest.to_owned()];
    let parts = rest.split(|letter: char| letter.is_whitespace() || ",;".contains(letter));
    for part in parts {
        let behind = part.split_once('=').map(|(_, value)| value.trim_matches('"'));
        texts.extend([Some(part), behind].into_iter().flatten().map(str::to_owned));
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Some(decoded) = BASE64.iter().find_map(|base64| base64.decode(rest).ok())
    {
        texts.extend(of_user(&String::from_utf8_lossy(&decoded)));
    }
    texts
}

/// Returns `true` if a word is the name of an authorisation scheme, which is not secret.
fn is_scheme(word: &str) -> bool {
    let known = ["basic", "bearer", "token", "digest", "apikey", "api-key", "key", "negotiate"];
    known.contains(&word.to_ascii_lowercase().as_str())
}

/// Returns user and password of an address, and the values of its query.
fn of_address(address: &Uri) -> Vec<String> {
    let authority = address.authority().map_or("", |authority| authority.as_str());
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let mut texts: Vec<_> = user
        .into_iter()
        .flat_map(|user| [of_user(user), of_user(&decoded(user))].concat())
        .collect();
    let pairs = address.query().unwrap_or_default().split(['&', ';']);
    texts
        .extend(pairs.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value).to_owned()));
    texts
}

/// Returns `user:password` as it is and as in a header, and the password alone; or the user alone if the password
/// is too short to be the secret.
fn of_user(user: &str) -> Vec<String> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let alone = if password.chars().count() < SHORTEST { name } else { password };
    let basic = BASE64.iter().map(|base64| base64.encode(format!("{name}:{password}")));
    [user.to_owned(), alone.to_owned()].into_iter().chain(basic).collect()
}

/// Returns a secret with its other spellings, except those that [`SecretPattern`] recognises.
fn spelt(secret: &str) -> Vec<String> {
    let plain = decoded(secret);
    let spaced = decoded(&secret.replace('+', " "));
    // Bytes decoded as Latin-1, as some servers do with headers.
    let bytes = secret.bytes().map(char::from).collect();
    let wrapped = [secret, &plain].into_iter().flat_map(|text| wrapped(text.as_bytes()));
    let mut texts: Vec<_> = wrapped.collect();
    texts.extend([secret.to_owned(), plain, spaced, bytes]);
    texts
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns the base64 forms of bytes within a longer text, for every alignment.
fn wrapped(secret: &[u8]) -> Vec<String> {
    if secret.len() < LONG {
        return Vec::new();
    }
    let shifted = |base64: &GeneralPurpose, shift: usize| {
        let text = base64.encode([&[0; 2][..shift], secret].concat());
        // The first and last characters also depend on the neighbouring bytes.
        let (first, last) = ([0, 2, 3][shift], (shift + secret.len()) * 8 / 6);
        text[first..last].to_owned()
    };
    BASE64.iter().flat_map(|base64| [0, 1, 2].map(|shift| shifted(base64, shift))).collect()
}

const UNPADDED: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
/// The standard alphabet, and the URL-safe one.
const BASE64: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&alphabet::STANDARD, UNPADDED),
    GeneralPurpose::new(&alphabet::URL_SAFE, UNPADDED),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(headers: &[&'static str], addresses: &[&str]) -> Secrets {
        let headers: Vec<_> =
            headers.iter().map(|header| HeaderValue::from_static(header)).collect();
        let addresses = addresses.iter().flat_map(|address| of_address(&address.parse().unwrap()));
        Secrets(addresses.map(Secret::new).collect()).and(&headers)
    }

    fn quoted(secrets: &Secrets, text: &str) -> String {
        secrets.quote(&RawMessage::new(text))
    }

    #[test]
    fn key_is_hidden_at_every_offset_around_the_cut() {
        const KEY: &str = "sk-live-AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKKKLLLLMMMMNNNN";
        let secrets = secrets(&[KEY], &[]);
        for offset in 0..=320 {
            let dots = ".".repeat(offset);
            let expected = match offset {
                ..=299 => format!("{dots}<secret> who?"),
                _ => format!("{}…", &dots[..300]),
            };
            let line = quoted(&secrets, &format!("{dots}{KEY} who?"));
            let cut = line.trim_end_matches('…');
            assert!(expected.starts_with(cut) && cut.len() >= 300.min(offset), "{offset}: {line}");
            // A text that ends within the key, near the cut.
            for part in (4..KEY.len()).filter(|_| (290..=304).contains(&offset)) {
                let line = quoted(&secrets, &format!("{dots}{}", &KEY[..part]));
                assert!(!line.contains("sk-l"), "{offset} {part}: {line}");
            }
        }
    }

    #[test]
    fn address_parts_are_hidden_in_every_spelling() {
        let address =
            "http://user:pass%2Fw0rd@h/v1/traces?v=1&api_key=sk%2Dlive-AAAA&sk-live-BBBB#";
        let secrets =
            secrets(&[], &[address, "http://sk-user-AAAA@h", "http://:only-a-password@h"]);
        let standard = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        for (text, expected) in [
            (
                "Cannot POST /v1/traces?v=1&api_key=sk-live-AAAA",
                "Cannot POST /v1/traces?v=1&api_key=<secret>",
            ),
            (
                "/v1/traces?v=1&api_key=sk%2Dlive-AAAA&sk-live-BBBB",
                "/v1/traces?v=1&api_key=<secret>&<secret>",
            ),
            ("api_key%3Dsk%252Dlive-AAAA.", "api_key%3D<secret>."),
            ("password pass/w0rd of user!", "password <secret> of user!"),
            ("user:pass/w0rd, user:pass%2fw0rd!", "<secret>, <secret>!"),
            ("user sk-user-AAAA or only-a-password.", "user <secret> or <secret>."),
        ] {
            assert_eq!(quoted(&secrets, text), expected);
        }
        for user in ["user:pass/w0rd", "user:pass%2Fw0rd", "sk-user-AAAA:", ":only-a-password"] {
            let told = format!("auth=Basic {} no", standard(user));
            let shown = quoted(&secrets, &told).replace('=', "");
            assert_eq!(shown, "authBasic <secret> no", "{user}");
        }
    }

    #[test]
    fn header_value_is_hidden_whole_and_in_parts() {
        let secrets = secrets(
            &[
                "Bearer sk-bearer-AAAA",
                "Basic dXNlcjpzay1iYXNpYy1BQUFB",
                "k1=sk-first-AAAA; k2=\"sk-second-AAA\", sk-third-AAAA",
                "t-1",
            ],
            &[],
        );
        for (text, expected) in [
            ("Bearer sk-bearer-AAAA is basic", "Bearer <secret> is basic"),
            ("Basic dXNlcjpzay1iYXNpYy1BQUFB", "Basic <secret>"),
            ("user has sk-basic-AAAA.", "user has <secret>."),
            (
                "one of sk-first-AAAA|sk-second-AAA|sk-third-AAAA|t-1",
                "one of <secret>|<secret>|<secret>|t-1",
            ),
            ("{\"k1=sk-first-AAAA; k2=\\\"sk-second-AAA\\\", sk-third-AAAA\"}", "{\"<secret>\"}"),
        ] {
            assert_eq!(quoted(&secrets, text), expected);
        }
    }

    #[test]
    fn base64_of_a_key_is_hidden_at_any_offset() {
        const KEY: &str = "sk?live>AAAA~BBBB";
        let secrets = secrets(&[KEY], &[]);
        for base64 in &BASE64 {
            for before in ["", "u", "us", "use", "user:"] {
                for behind in ["", ":", "@h", "..."] {
                    let told = base64.encode(format!("{before}{KEY}{behind}"));
                    let shown = quoted(&secrets, &told);
                    assert!(shown.contains("<secret>"), "{before}{behind}: {shown}");
                    // The rest encodes the neighbouring bytes and a few bits of the key.
                    let left = shown.replace("<secret>", "").len();
                    assert!(left <= (before.len() + behind.len()) * 4 / 3 + 4, "{told} {shown}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_secrets_too() {
        let header = HeaderValue::from_bytes("schlüssel-AAAA".as_bytes()).unwrap();
        let secrets = Secrets::default().and([&header]);
        for told in ["schlüssel-AAAA!", "schl\u{c3}\u{bc}ssel-AAAA!", "schl%C3%BCssel-AAAA!"] {
            assert_eq!(quoted(&secrets, told), "<secret>!");
        }
    }

    #[test]
    fn quote_is_one_harmless_line() {
        let secrets = secrets(&["sk-live-AAAA"], &[]);
        let told = "\r\n no:\n\u{1b}[2Jsk-live-\n\u{202e}AA\u{200b}AA\u{7}! ";
        assert_eq!(quoted(&secrets, told), r"no: \u{1b}[2J<secret>\u{7}!");
        assert_eq!(quoted(&secrets, "\r\n\t"), "");
        assert_eq!(
            quoted(&Secrets::default(), &"ä".repeat(4 << 20)),
            format!("{}…", "ä".repeat(300))
        );
    }
}
