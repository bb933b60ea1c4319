//! Recognises the names of credentials. The macros have an identical copy of this file, for names known at compile
//! time; `tests/redaction.rs` checks that both are equal.

/// Kind of credential that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// Secret text, such as an API key. A number with such a name is a count.
    Key,
    /// Secret text or number, such as a PIN.
    Password,
}

/// Maximum length of a name that is checked, in bytes.
const LONGEST: usize = 128;

/// Words that describe the form of the credential named by the word before them.
const FORMS: [&str; 8] =
    ["base64", "code", "confirmation", "hash", "header", "jar", "new", "value"];

/// Words that turn a following `key` into a credential.
const KINDS_OF_KEYS: [&str; 16] = [
    "access",
    "account",
    "admin",
    "api",
    "auth",
    "client",
    "encryption",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "shared",
    "signing",
    "ssh",
    "subscription",
];

/// Words that turn a following `token` into a piece of text or a position in a list.
const PIECES: [&str; 33] = [
    "after",
    "before",
    "bos",
    "cancel",
    "cancellation",
    "cls",
    "completion",
    "continuation",
    "cursor",
    "end",
    "eos",
    "first",
    "input",
    "last",
    "mask",
    "max",
    "min",
    "next",
    "output",
    "pad",
    "page",
    "pagination",
    "per",
    "prev",
    "previous",
    "prompt",
    "sep",
    "special",
    "start",
    "stop",
    "sync",
    "text",
    "unk",
];

/// Lower-case names whose words are not separated.
const RUN_TOGETHER: [&str; 9] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "authtoken",
    "clientsecret",
    "password",
    "privatekey",
    "refreshtoken",
    "secretkey",
];

/// Returns the kind of credential that a name stands for, if any. The last word decides, whatever the case and the
/// separators.
pub(crate) fn credential(name: &str) -> Option<Credential> {
    if !may_be_one(name.as_bytes()) || name.len() > LONGEST {
        return None;
    }
    let (mut before, mut last) = split_last(name);
    while is_in(&FORMS, last) && !before.is_empty() {
        (before, last) = split_last(before);
    }
    judge(before, last)
}

/// Returns `true` if the name ends like a credential. Rejects nearly all names at little cost.
fn may_be_one(name: &[u8]) -> bool {
    let [.., a, b, c] = *name else { return false };
    let ending = [a | 0x20, b | 0x20, c | 0x20];
    let ends_like_a_credential = matches!(
        &ending,
        b"ord"
            | b"rds"
            | b"swd"
            | b"pwd"
            | b"ase"
            | b"ode"
            | b"pin"
            | b"otp"
            | b"ret"
            | b"ets"
            | b"ial"
            | b"als"
            | b"eds"
            | b"jwt"
            | b"ion"
            | b"kie"
            | b"ies"
            | b"rer"
            | b"uth"
            | b"key"
            | b"eys"
            | b"ken"
    );
    let ends_like_a_form = matches!(&ending, b"ash" | b"der" | b"jar" | b"new" | b"lue");
    // Examples: `password2`, `base64`, `token_`.
    ends_like_a_credential || ends_like_a_form || !c.is_ascii_alphabetic()
}

fn judge(before: &str, last: &str) -> Option<Credential> {
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let is = |words: &[&str]| is_in(words, last);
    let kind = || split_last(before).1;
    if is(&[
        "password",
        "passwords",
        "passwd",
        "pwd",
        "passphrase",
        "passcode",
        "pin",
        "otp",
        "totp",
    ]) {
        return Some(Credential::Password);
    }
    let is_key = is(&["secret", "secrets", "credential", "credentials", "creds", "jwt", "bearer"])
        || is(&["authorization", "auth", "cookie", "cookies"])
        || is(&["token"]) && !is_in(&PIECES, kind())
        || is(&["key", "keys"]) && is_in(&KINDS_OF_KEYS, kind());
    if is_key {
        return Some(Credential::Key);
    }
    let run_together = RUN_TOGETHER.iter().find(|ending| ends_with(last, ending))?;
    Some(if *run_together == "password" { Credential::Password } else { Credential::Key })
}

/// Splits a name into its last word and the text before it.
fn split_last(name: &str) -> (&str, &str) {
    let name = name.trim_end_matches(separates);
    let bytes = name.as_bytes();
    let begins_word = |at: &usize| begins_word(bytes, *at);
    let start = (1..bytes.len()).rev().find(begins_word).unwrap_or(0);
    match (name.get(..start), name.get(start..)) {
        (Some(before), Some(last)) => (before, last),
        _ => ("", name),
    }
}

fn separates(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | ' ' | ':' | '/' | '[' | ']')
}

/// Word boundaries: `api_|key`, `api|Key`, `API|Key`.
fn begins_word(name: &[u8], at: usize) -> bool {
    let (before, first) = (name[at - 1], name[at]);
    separates(char::from(before))
        || first.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase()
                    && name.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

fn is_in(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn ends_with(word: &str, ending: &str) -> bool {
    let start = word.len().checked_sub(ending.len());
    start.and_then(|start| word.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::{Credential, credential};

    #[test]
    fn credential_is_recognised_by_its_last_word() {
        let keys = "secret client_secret token access_token refreshToken id_token auth_token bearer api_key \
                    apikey API_KEY x-api-key openaiApiKey APIKey private_key secret_key AWS_SECRET_ACCESS_KEY \
                    authorization Proxy-Authorization auth cookie set-cookie session_cookie credential \
                    credentials jwt token_hash x-amz-security-token csrfToken authtoken user.token api_keys \
                    authorization_header cookieJar token2 _token token_ signing_key";
        for name in keys.split_whitespace() {
            assert_eq!(credential(name), Some(Credential::Key), "{name}");
        }
        let passwords = "password passwd pwd passphrase db_password passwordHash PASSWORD dbpassword pin \
                         otp otp_code userPin password2 hashed-password password_confirmation new_password";
        for name in passwords.split_whitespace() {
            assert_eq!(credential(name), Some(Credential::Password), "{name}");
        }
    }

    #[test]
    fn token_counts_are_no_credentials() {
        let others = "tokens max_tokens completion_tokens input_tokens total_tokens token_count token_usage \
                      tokenizer token_type token_limit next_page_token pageToken eos_token stop_token \
                      time_to_first_token cost_per_token author authors secretary keyboard pinned pinning \
                      key keys primary_key cache_key public_key access_key_id monkey turkey spin opinion \
                      question description location code status_code error_code header value new hash order \
                      phrase database content role name id 1 x2 access_token_url auth_method auth_url oauth \
                      cookie_policy pin_number_of_board records sets brokers derby ases forget secret_name é";
        for name in others.split_whitespace().chain(["", "ab", "ключ", "密码é"]) {
            assert_eq!(credential(name), None, "{name}");
        }
        assert_eq!(credential(&format!("{}_token", "x".repeat(200))), None);
    }
}
