//! W3C Baggage header, parsed member by member and written within the limits of the standard.
//!
//! The propagator of the SDK silently drops members that it cannot read, cuts a value at its second `=`, and
//! decodes escapes in names, which the standard does not have. With it, `session%2eid` would count as `session.id`
//! here, but nowhere else.

use opentelemetry::baggage::{Baggage, BaggageMetadata, KeyValueMetadata};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::CLAIMS;

/// Limits of the standard.
const MAX_BYTES: usize = 8_192;
const MAX_MEMBERS: usize = 64;

/// Characters that a value must escape. `%` begins an escape, and some incorrect readers end a value at `=`.
const ESCAPED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'=').add(b'\\');

/// Error for headers that are rejected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RejectedHeaders;

/// Parsed header.
#[derive(Debug, Default)]
pub(super) struct ParsedBaggage {
    pub(super) members: Vec<Member>,
    /// `false` if a malformed part was dropped.
    pub(super) is_whole: bool,
}

/// Name with its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) value: String,
    /// Properties as received, without decoding.
    properties: String,
}

/// Parses a header. A malformed member is dropped. A malformed member that would describe the session causes the
/// whole header to be rejected.
pub(super) fn read(header: &str) -> Result<ParsedBaggage, RejectedHeaders> {
    if header.len() > MAX_BYTES || header.split(',').count() > MAX_MEMBERS {
        return Err(RejectedHeaders);
    }
    let mut read = ParsedBaggage { members: Vec::new(), is_whole: true };
    // A list may have empty members, for example where two headers were joined.
    for text in header.split(',').map(trim).filter(|text| !text.is_empty()) {
        match Member::read(text) {
            Some(member) => {
                read.is_whole &= member.has_properties_of(text);
                read.members.push(member);
            }
            None if is_claim(text) => return Err(RejectedHeaders),
            None => read.is_whole = false,
        }
    }
    Ok(read)
}

/// Removes leading and trailing spaces and tabs, the white space of the standard.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Splits a member into the pair and its properties.
fn parts(member: &str) -> (&str, &str) {
    member.split_once(';').unwrap_or((member, ""))
}

/// Returns `true` if some reader would take this malformed member for one that describes the session.
fn is_claim(member: &str) -> bool {
    let (pair, _) = parts(member);
    let name = trim(pair.split('=').next().unwrap_or_default());
    CLAIMS.contains(&&*percent_decode_str(name).decode_utf8_lossy())
}

impl Member {
    fn read(text: &str) -> Option<Self> {
        let (pair, properties) = parts(text);
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (trim(name), trim(value));
        let value = is_printable(value).then(|| percent_decode_str(value).decode_utf8().ok())??;
        let properties = if is_clean(properties) { trim(properties) } else { "" };
        let owned = |text: &str| text.to_owned();
        is_name(name).then(|| Self {
            name: owned(name),
            value: value.into_owned(),
            properties: owned(properties),
        })
    }

    fn has_properties_of(&self, text: &str) -> bool {
        trim(parts(text).1) == self.properties
    }
}

impl From<Member> for KeyValueMetadata {
    fn from(Member { name, value, properties }: Member) -> Self {
        Self::new(name, value, properties)
    }
}

/// Returns `true` if a name is a token, both as it stands and decoded. A name that only decodes to one of
/// [`CLAIMS`] is refused.
fn is_name(name: &str) -> bool {
    let decoded = percent_decode_str(name).decode_utf8();
    let is_disguised = |decoded: &str| decoded != name && CLAIMS.contains(&decoded);
    is_token(name) && decoded.is_ok_and(|decoded| is_token(&decoded) && !is_disguised(&decoded))
}

fn is_token(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_part)
}

/// Returns `true` if a text is printable ASCII. That is more than the standard allows, because other programs
/// write it, but excludes control characters, with which a value could start another header.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Returns `true` if properties can be propagated unchanged: a reader that decodes them must not find another
/// member.
fn is_clean(properties: &str) -> bool {
    let decoded = percent_decode_str(properties).decode_utf8();
    let is_harmless = |text: &str| is_printable(text) && !text.contains(',');
    is_printable(properties) && decoded.is_ok_and(|decoded| is_harmless(&decoded))
}

/// Returns a header with the claims first, then the other baggage, as far as the limits of the standard allow.
pub(super) fn write(claims: &[(&str, &str)], baggage: &Baggage) -> String {
    let none = BaggageMetadata::default();
    let is_claimed = |name: &str| claims.iter().any(|(claim, _)| *claim == name);
    let others = baggage.iter().filter(|(name, _)| !is_claimed(name.as_str()));
    let others = others.map(|(name, (value, properties))| {
        let properties =
            Some(properties).filter(|properties| is_clean(properties.as_str())).unwrap_or(&none);
        member(name.as_str(), value.as_str(), properties.as_str())
    });
    let claims = claims.iter().map(|(name, value)| member(name, value, ""));
    let mut header = String::new();
    for member in claims.chain(others).take(MAX_MEMBERS) {
        if header.len() + 1 + member.len() <= MAX_BYTES {
            let separator = if header.is_empty() { "" } else { "," };
            header.extend([separator, &member]);
        }
    }
    header
}

fn member(name: &str, value: &str, properties: &str) -> String {
    let separator = if properties.is_empty() { "" } else { ";" };
    format!("{name}={}{separator}{properties}", utf8_percent_encode(value, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the parsed members, and whether none was dropped.
    fn told(header: &str) -> Option<(Vec<String>, bool)> {
        let ParsedBaggage { members, is_whole } = read(header).ok()?;
        let members =
            members.into_iter().map(|entry| member(&entry.name, &entry.value, &entry.properties));
        Some((members.collect(), is_whole))
    }

    fn whole(members: &[&str]) -> Option<(Vec<String>, bool)> {
        Some((members.iter().map(|entry| (*entry).to_owned()).collect(), true))
    }

    #[test]
    fn baggage_that_the_standard_allows_is_read() {
        let cases = [
            ("a=b", vec!["a=b"]),
            (" a\t=  b , c = d;p=1;q ", vec!["a=b", "c=d;p=1;q"]),
            ("a=b=c", vec!["a=b%3Dc"]),
            ("a=,b=1", vec!["a=", "b=1"]),
            ("a=1,,b=2,", vec!["a=1", "b=2"]),
            ("a=x%2Cy%3Bz%25", vec!["a=x%2Cy%3Bz%25"]),
            ("a=%C3%BC", vec!["a=%C3%BC"]),
            ("a=%zz%", vec!["a=%25zz%25"]),
            ("a%20b=1", vec![]),
            ("100%=1", vec!["100%=1"]),
            ("a=b;p=%20q", vec!["a=b;p=%20q"]),
            ("session.id=s,user.id=u", vec!["session.id=s", "user.id=u"]),
        ];
        for (header, members) in cases {
            let is_name = !header.starts_with("a%20b");
            let expected = whole(&members).map(|(members, _)| (members, is_name));
            assert_eq!(told(header), expected, "{header}");
        }
    }

    #[test]
    fn malformed_member_is_dropped_and_noted() {
        let left = Some((vec!["k=v".to_owned()], false));
        for member in [
            "a",
            "=b",
            "a=%ff",
            "a=\u{fc}",
            "a=\u{7f}",
            "a=b\r\nx: 1",
            "a b=c",
            "a(=c",
            "%0d%0a=c",
            "a%2c=c",
            "%ff=c",
            ";p",
            "\u{fc}=c",
        ] {
            assert_eq!(told(&format!("{member},k=v")), left, "{member:?}");
        }
        for properties in ["p%0d%0ax: 1", "%2Csession.id=evil", "p=%c3%bc", "p=%ff", "p=\u{fc}"] {
            assert_eq!(told(&format!("k=v;{properties}")), left, "{properties}");
        }
    }

    #[test]
    fn malformed_claim_rejects_the_header() {
        for claim in [
            "session.id",
            "session.id=%ff",
            "session.id=\u{fc}",
            "session.id=\u{fffd}",
            "session.id;p=q",
            "session.id = a\nb",
            "user.id",
            "user.id=%c3%28",
            "agentops.sampled",
            "agentops.sampled=%80",
            "session%2eid=s",
            "session%2Eid=s",
            "%73ession.id=s",
            "user%2eid",
            "agentops%2esampled=1",
        ] {
            assert_eq!(told(&format!("k=v,{claim}")), None, "{claim:?}");
        }
    }

    #[test]
    fn header_beyond_the_limits_is_rejected() {
        let many = |count: usize| vec!["k=v"; count].join(",");
        assert!(told(&many(MAX_MEMBERS)).is_some_and(|(members, _)| members.len() == 64));
        assert_eq!(told(&many(MAX_MEMBERS + 1)), None);
        let long = |bytes: usize| format!("k={}", "v".repeat(bytes - 2));
        assert!(told(&long(MAX_BYTES)).is_some());
        assert_eq!(told(&long(MAX_BYTES + 1)), None);
    }

    #[test]
    fn claims_precede_other_baggage_within_the_limits() {
        let claims = [("session.id", "s,1"), ("agentops.sampled", "0")];
        let many = |count: usize, length: usize| {
            let name = |n: usize| format!("k{n}");
            let member = |n| KeyValueMetadata::new(name(n), "\n".repeat(length), "");
            Baggage::from_iter((0..count).map(member))
        };
        assert_eq!(write(&claims, &many(0, 0)), "session.id=s%2C1,agentops.sampled=0");
        for (count, length) in [(64, 1), (64, 100), (1, 8_000)] {
            let header = write(&claims, &many(count, length));
            let ParsedBaggage { members, is_whole } = read(&header).unwrap();
            assert!(is_whole && members.len() <= MAX_MEMBERS && header.len() <= MAX_BYTES);
            let first = members[..2].iter().map(|entry| (&*entry.name, &*entry.value));
            assert!(first.eq(claims));
        }
        let theirs = Baggage::from_iter([
            KeyValueMetadata::new("session.id", "theirs", "p"),
            KeyValueMetadata::new("a", "b", "p;q=1"),
        ]);
        assert_eq!(write(&claims, &theirs), "session.id=s%2C1,agentops.sampled=0,a=b;p;q=1");
    }
}
