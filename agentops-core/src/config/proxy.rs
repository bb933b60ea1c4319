//! Choice of the proxy: `HTTPS_PROXY` and the like, read as most programs do.

use http::Uri;
use ureq::{Proxy, ProxyBuilder, ProxyProtocol};

use super::{
    host_match::Host,
    secret_text::Secret,
    variable_names::{
        ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, REQUEST_METHOD, Variable, small,
    },
    variable_reader::Environment,
};
use crate::error::{ConfigError, ConfigErrorKind};

/// Proxies by the scheme of an address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

impl Proxies {
    /// Returns the program's own proxy, or those of the environment.
    pub(super) fn choose<'a>(
        set: Option<&Secret>,
        env: &Environment,
        addresses: impl Iterator<Item = &'a Uri>,
        notes: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let Some(url) = set else { return Self::read(env, addresses, notes) };
        let proxy = proxy("proxy", url.reveal(), "")?;
        Ok(Self { http: Some(proxy.clone()), https: Some(proxy) })
    }

    /// Reads only the variables that are needed for these addresses. The variables belong to the whole system, and
    /// most programs never use one that has a mistake in it.
    fn read<'a>(
        env: &Environment,
        addresses: impl Iterator<Item = &'a Uri>,
        notes: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let mut proxies = Self::default();
        for address in addresses.filter(|address| !Host::of(address).is_loopback()) {
            match address.scheme_str() {
                Some("https") => proxies.https = find(env, HTTPS_PROXY)?,
                _ => proxies.http = find_for_http(env, notes)?,
            }
        }
        Ok(proxies)
    }

    /// Returns the addresses of the proxies, which may hold passwords.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Uri> {
        [&self.http, &self.https].into_iter().flatten().map(Proxy::uri)
    }

    /// Returns the proxy for an address. The local machine never has one, whatever the variables contain.
    pub(crate) fn to(&self, address: &Uri) -> Option<Proxy> {
        let proxy = if address.scheme_str() == Some("https") { &self.https } else { &self.http };
        proxy.clone().filter(|_| !Host::of(address).is_loopback())
    }
}

fn find(env: &Environment, own: Variable) -> Result<Option<Proxy>, ConfigError> {
    among(env, &spellings(own))
}

/// Finds the proxy for `http` addresses. In a CGI program, the header `Proxy` of a request becomes `HTTP_PROXY` in
/// the environment, so that a client could choose the proxy that receives our keys (httpoxy, CVE-2016-5385). If
/// `REQUEST_METHOD` marks a CGI program, that spelling is ignored, as in Go's `net/http`; curl never reads it.
fn find_for_http(env: &Environment, notes: &mut Vec<String>) -> Result<Option<Proxy>, ConfigError> {
    let [safe, doubtful] = spellings(HTTP_PROXY);
    if !env.is_set(REQUEST_METHOD) {
        return among(env, &[safe, doubtful]);
    }
    if env.text(safe)?.is_none() && env.is_set(doubtful) {
        let note = format!(
            "`{doubtful}` is ignored because `{REQUEST_METHOD}` is set: in a CGI program it may be a header of the \
             request; set `{safe}`"
        );
        // Several addresses may need the same proxy.
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    among(env, &[safe])
}

/// Returns the proxy of the first of these variables that is set, else that of `ALL_PROXY`.
fn among(env: &Environment, names: &[Variable]) -> Result<Option<Proxy>, ConfigError> {
    let except = first(env, &spellings(NO_PROXY))?.map_or("", |(_, list)| list);
    let found = match first(env, names)? {
        Some(found) => Some(found),
        None => first(env, &spellings(ALL_PROXY))?,
    };
    found.map(|(name, url)| proxy(name.name(), url, except)).transpose()
}

/// Returns the two spellings of a variable; the first wins.
const fn spellings(variable: Variable) -> [Variable; 2] {
    [small(variable), variable]
}

fn first<'env>(
    env: &'env Environment,
    names: &[Variable],
) -> Result<Option<(Variable, &'env str)>, ConfigError> {
    for name in names {
        if let Some(text) = env.text(*name)? {
            return Ok(Some((*name, text)));
        }
    }
    Ok(None)
}

/// Parses a proxy address. The error does not show it, since it may hold a password.
fn proxy(name: &str, url: &str, except: &str) -> Result<Proxy, ConfigError> {
    let unusable = |kind, problem: &str| ConfigError::new(name, kind, problem);
    let no_address = "cannot be read; expected an address like `http://proxy:3128`";
    let parsed = Proxy::new(url).map_err(|_| unusable(ConfigErrorKind::Address, no_address))?;
    if !matches!(parsed.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        let problem = "names a SOCKS proxy; only HTTP proxies can be used";
        return Err(unusable(ConfigErrorKind::Unsupported, problem));
    }
    let mut proxy = Proxy::builder(parsed.protocol()).host(parsed.host()).port(parsed.port());
    if let Some(user) = parsed.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = parsed.password() {
        proxy = proxy.password(password);
    }
    let except = except.split(',').map(str::trim).filter(|host| !host.is_empty());
    let proxy = except.fold(proxy, ProxyBuilder::no_proxy);
    proxy.build().map_err(|_| unusable(ConfigErrorKind::Address, no_address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        variables: &[(&'static str, &'static str)],
        addresses: &[&str],
    ) -> Result<Proxies, String> {
        let env = Environment::of(variables.iter().copied());
        let addresses: Vec<Uri> =
            addresses.iter().map(|address| address.parse().unwrap()).collect();
        Proxies::read(&env, addresses.iter(), &mut Vec::new()).map_err(|error| error.to_string())
    }

    /// Returns the proxies of some addresses, as host and port.
    fn to<const N: usize>(
        variables: &[(&'static str, &'static str)],
        addresses: [&str; N],
    ) -> [Option<String>; N] {
        let proxies = read(variables, &addresses).unwrap();
        addresses.map(|address| {
            let address = address.parse().unwrap();
            let proxy = proxies.to(&address).filter(|proxy| !proxy.is_no_proxy(&address))?;
            Some(format!("{}:{}", proxy.host(), proxy.port()))
        })
    }

    #[test]
    fn proxies_apply_by_scheme_and_skip_loopback() {
        let variables = [("HTTPS_PROXY", "http://u:p@secure:1"), ("http_proxy", "plain:2")];
        let addresses = [
            "https://h",
            "http://h",
            "http://localhost:4318",
            "https://127.0.0.1",
            "http://[::1]:1",
            "http://LOCALHOST.",
            "http://app.localhost",
            "http://127.8.9.1",
            "http://[::ffff:127.0.0.1]",
        ];
        let expected =
            [Some("secure:1"), Some("plain:2"), None, None, None, None, None, None, None];
        assert_eq!(to(&variables, addresses), expected.map(|proxy| proxy.map(str::to_owned)));
        let only = [("HTTPS_PROXY", "http://secure:1")];
        assert_eq!(to(&only, ["http://h"]), [None]);
        let all = [("ALL_PROXY", "any:3"), ("HTTP_PROXY", "plain:2")];
        let expected = [Some("any:3".to_owned()), Some("plain:2".to_owned())];
        assert_eq!(to(&all, ["https://h", "http://h"]), expected);
    }

    #[test]
    fn hosts_are_left_out_by_name_and_by_domain() {
        let variables = [("ALL_PROXY", "any:3"), ("NO_PROXY", "own, .example.com")];
        let found = to(&variables, ["http://own", "http://a.example.com", "http://other"]);
        assert_eq!(found, [None, None, Some("any:3".to_owned())]);
        assert_eq!(to(&[("ALL_PROXY", "any:3"), ("NO_PROXY", "*")], ["http://h"]), [None]);
    }

    #[test]
    fn proxy_error_names_variable_and_redacts_password() {
        let read = |name, url| read(&[(name, url)], &["https://h"]);
        let error = |name, url| read(name, url).unwrap_err();
        assert_eq!(
            error("HTTPS_PROXY", "http://u:hunter2@"),
            "`HTTPS_PROXY` cannot be read; expected an address like `http://proxy:3128`"
        );
        assert_eq!(
            error("all_proxy", "socks5://u:hunter2@h"),
            "`all_proxy` names a SOCKS proxy; only HTTP proxies can be used"
        );
        let shown = format!("{:?}", read("HTTPS_PROXY", "http://u:hunter2@h").unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn builder_proxy_applies_to_all_but_loopback() {
        let env = Environment::of([("HTTPS_PROXY", "http://theirs:1"), ("NO_PROXY", "h")]);
        let own = Secret::new("http://u:hunter2@own:2".to_owned());
        let proxies =
            Proxies::choose(Some(&own), &env, std::iter::empty(), &mut Vec::new()).unwrap();
        let to = |address: &str| {
            let address = address.parse().unwrap();
            let proxy = proxies.to(&address).filter(|proxy| !proxy.is_no_proxy(&address))?;
            Some(format!("{}:{}", proxy.host(), proxy.port()))
        };
        let expected = [Some("own:2".to_owned()), Some("own:2".to_owned()), None];
        assert_eq!([to("https://h"), to("http://h"), to("http://localhost")], expected);
        let wrong = Secret::new("socks5://u:hunter2@h".to_owned());
        let error = Proxies::choose(Some(&wrong), &env, std::iter::empty(), &mut Vec::new());
        let error = error.unwrap_err();
        let expected = "`proxy` names a SOCKS proxy; only HTTP proxies can be used";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn unneeded_invalid_proxy_is_accepted() {
        let variables = [("ALL_PROXY", "socks5://h"), ("HTTP_PROXY", "?")];
        assert!(read(&variables, &[]).is_ok());
        assert!(read(&variables, &["http://localhost:4318", "https://127.0.0.1"]).is_ok());
        assert!(read(&variables, &["http://h"]).is_err());
    }

    #[test]
    fn uppercase_http_proxy_ignored_in_cgi_program() {
        let cgi = ("REQUEST_METHOD", "GET");
        let found = |variables: &[(&'static str, &'static str)], address: &str| {
            let env = Environment::of(variables.iter().copied());
            let (address, mut notes) = (address.parse().unwrap(), Vec::new());
            let proxies =
                Proxies::read(&env, [&address, &address].into_iter(), &mut notes).unwrap();
            (proxies.to(&address).map(|proxy| proxy.host().to_owned()), notes)
        };
        let ignored = "`HTTP_PROXY` is ignored because `REQUEST_METHOD` is set: in a CGI program it may be a \
                       header of the request; set `http_proxy`";
        let of = |proxy: Option<&str>, notes: &[&str]| {
            let notes = notes.iter().map(ToString::to_string).collect::<Vec<_>>();
            (proxy.map(str::to_owned), notes)
        };
        let theirs = ("HTTP_PROXY", "http://evil:1");
        let ours = ("http_proxy", "http://ours:1");
        assert_eq!(found(&[theirs], "http://h"), of(Some("evil"), &[]));
        assert_eq!(found(&[theirs, cgi], "http://h"), of(None, &[ignored]));
        assert_eq!(found(&[("HTTP_PROXY", "?"), cgi], "http://h"), of(None, &[ignored]));
        assert_eq!(found(&[theirs, cgi], "http://localhost"), of(None, &[]));
        assert_eq!(found(&[theirs, cgi, ours], "http://h"), of(Some("ours"), &[]));
        let all = ("ALL_PROXY", "http://all:1");
        assert_eq!(found(&[theirs, cgi, all], "http://h"), of(Some("all"), &[ignored]));
        // No request header maps to these variables.
        let secure = ("HTTPS_PROXY", "http://secure:1");
        assert_eq!(found(&[secure, cgi], "https://h"), of(Some("secure"), &[]));
    }
}
