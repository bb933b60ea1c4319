//! Addresses in settings: validation, joining with a path, display without secrets.

use http::{Uri, uri::PathAndQuery};

use crate::error::{ConfigError, ConfigErrorKind};

const EXPECTED: &str = "expected an address like `http://127.0.0.1:4318`";

/// Parses an HTTP or HTTPS address, such as that of a web page.
pub(super) fn parse_url(setting: impl AsRef<str>, url: &str) -> Result<Uri, ConfigError> {
    let uri = url.parse::<Uri>().ok();
    let usable = uri.filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && has_usable_port(uri)
    });
    usable.ok_or_else(|| {
        let url = without_credentials(url);
        ConfigError::new(setting, ConfigErrorKind::Address, format!("is `{url}`; {EXPECTED}"))
    })
}

/// Returns `true` if the port is absent, empty or a number. Otherwise the text after the `:` may be a password
/// with a `/` or `?` in it, and the host would be the user name.
fn has_usable_port(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, behind)| behind);
    let port = host_and_port.strip_prefix(uri.host().unwrap_or_default());
    port.is_some_and(|port| port.is_empty() || port == ":") || uri.port_u16().is_some()
}

/// Parses an address that requests are sent to. A fragment is rejected: it is never sent to a server, so it is a
/// mistake, perhaps a key with a `#` in it.
pub(super) fn parse_target(setting: impl AsRef<str>, url: &str) -> Result<Uri, ConfigError> {
    let uri = parse_url(setting.as_ref(), url)?;
    if url.contains('#') {
        return Err(ConfigError::new(
            setting,
            ConfigErrorKind::Address,
            "has a fragment, which is not part of a request; leave out what begins with `#`, or write `%23` for it",
        ));
    }
    Ok(uri)
}

/// Returns the base address with a path appended to its path, before its query.
pub(super) fn below(setting: impl AsRef<str>, base: Uri, path: &str) -> Result<Uri, ConfigError> {
    let unusable = |_| {
        ConfigError::new(
            setting,
            ConfigErrorKind::Address,
            format!("has no room for `{path}`; {EXPECTED}"),
        )
    };
    let query = base.query().map(|query| format!("?{query}")).unwrap_or_default();
    let whole = format!("{}{path}{query}", base.path().trim_end_matches('/'));
    replaced(base, &whole).map_err(unusable)
}

/// Returns the address with one suffix of its path replaced by another, or `None` if it does not end with it.
pub(super) fn beside(address: &Uri, ending: &str, other: &str) -> Option<Uri> {
    let base = address.path().strip_suffix(ending)?;
    let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
    replaced(address.clone(), &format!("{base}{other}{query}")).ok()
}

fn replaced(address: Uri, path_and_query: &str) -> Result<Uri, http::Error> {
    let mut parts = address.into_parts();
    parts.path_and_query = Some(path_and_query.parse::<PathAndQuery>()?);
    Ok(Uri::from_parts(parts)?)
}

/// Returns an address as it may be shown in an error: without its password, and without its query, which may hold
/// a key. A text that is no address at all may itself be a key.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let marks = ['?', '#'];
    let shown = match rest.rsplit_once('@') {
        // The `@` may end a password or be part of a query, so nothing is shown.
        Some((before, _)) if before.contains(marks) => "<secret>".to_owned(),
        Some((_, host)) => format!("<secret>@{}", host.split(marks).next().unwrap_or_default()),
        None => rest.split(marks).next().unwrap_or_default().to_owned(),
    };
    let is_word = scheme.is_empty() && !shown.contains(['.', ':', '/', ' ', '<']);
    if is_word && shown.len() > LONGEST_WORD { "<secret>".to_owned() } else { scheme + &shown }
}

/// Longest word that is taken for a host name rather than a key.
const LONGEST_WORD: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_appends_path_before_query() {
        let of = |base: &str| below("x", base.parse().unwrap(), "/v1/traces").unwrap().to_string();
        for (base, expected) in [
            ("http://h", "http://h/v1/traces"),
            ("http://h:1//", "http://h:1/v1/traces"),
            ("http://h?api_key=K", "http://h/v1/traces?api_key=K"),
            ("http://h/?api_key=K/", "http://h/v1/traces?api_key=K/"),
            ("http://u:p@h/otlp/?a=1&b=2", "http://u:p@h/otlp/v1/traces?a=1&b=2"),
        ] {
            assert_eq!(of(base), expected);
        }
    }

    #[test]
    fn beside_replaces_path_and_keeps_query() {
        let of = |address: &str| {
            let found = beside(&address.parse().unwrap(), "/v1/traces", "/v1/metrics");
            found.map(|uri| uri.to_string())
        };
        assert_eq!(of("http://h/v1/traces?k=K").as_deref(), Some("http://h/v1/metrics?k=K"));
        assert_eq!(of("http://h/otlp/v1/traces").as_deref(), Some("http://h/otlp/v1/metrics"));
        assert_eq!(of("http://h/traces?k=/v1/traces"), None);
    }

    #[test]
    fn parse_url_rejects_invalid_port() {
        let is_usable = |url: &str| parse_url("x", url).is_ok();
        let usable =
            ["http://h", "http://h:", "http://u:p@h:1", "http://[::1]", "http://[::1]:4318/x"];
        assert!(usable.into_iter().all(is_usable));
        let unusable =
            ["http://me:hunter2?@h", "http://me:hunter2/@h", "http://h:99999", "http://h:-1"];
        assert!(!unusable.into_iter().any(is_usable));
        let error = parse_url("x", "http://me:hunter2/@h").unwrap_err().to_string();
        assert_eq!(error, format!("`x` is `http://<secret>@h`; {EXPECTED}"));
    }

    #[test]
    fn without_credentials_redacts_secrets_in_address() {
        for (url, shown) in [
            ("ftp://me:hunter2@host/path", "ftp://<secret>@host/path"),
            ("ftp://host/path?key=hunter2", "ftp://host/path"),
            ("ftp://host/path#hunter2", "ftp://host/path"),
            ("http://me:hun?ter2@host", "http://<secret>"),
            ("http://me:hun#ter2@host", "http://<secret>"),
            ("http://me:hun/ter2@host", "http://<secret>@host"),
            ("ftp://host?mail=a@b&key=hunter2", "ftp://<secret>"),
            ("me:hunter2@host", "<secret>@host"),
            ("0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f", "<secret>"),
            ("sk-proj-AAAABBBBCCCCDDDD", "<secret>"),
            ("collector", "collector"),
            ("localhost:4318", "localhost:4318"),
            ("no such thing", "no such thing"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
