//! Which proxy stands in the way: `HTTPS_PROXY` and its like, read as most programs do.

use std::net::IpAddr;

use http::Uri;
use ureq::{Proxy, ProxyBuilder, ProxyProtocol};

use super::environment::Environment;
use crate::error::ConfigError;

/// The proxy for each kind of address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

impl Proxies {
    pub(super) fn read(env: &Environment) -> Result<Self, ConfigError> {
        let except = first(env, &["no_proxy", "NO_PROXY"])?.map_or("", |(_, list)| list);
        let find = |names: &[&'static str]| {
            let found = first(env, names)?;
            found.map(|(name, url)| proxy(name, url, except)).transpose()
        };
        Ok(Self {
            http: find(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
            https: find(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
        })
    }

    /// The proxy for an address; there is none to this machine, whatever the variables say.
    pub(crate) fn to(&self, address: &Uri) -> Option<Proxy> {
        let host = address.host().unwrap_or_default();
        let proxy = if address.scheme_str() == Some("https") { &self.https } else { &self.http };
        proxy.clone().filter(|_| !is_loopback(host))
    }
}

/// The first of these variables that is set.
fn first<'a>(
    env: &'a Environment,
    names: &[&'static str],
) -> Result<Option<(&'static str, &'a str)>, ConfigError> {
    for name in names {
        if let Some(text) = env.text(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

/// The error shows nothing of the address: it may hold a password.
fn proxy(name: &str, url: &str, except: &str) -> Result<Proxy, ConfigError> {
    let unusable = |problem: &str| ConfigError::new(name, problem);
    let no_address = "cannot be read; expected an address like `http://proxy:3128`";
    let parsed = Proxy::new(url).map_err(|_| unusable(no_address))?;
    if !matches!(parsed.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(unusable("names a SOCKS proxy; only HTTP proxies can be used"));
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
    proxy.build().map_err(|_| unusable(no_address))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&'static str, &'static str)]) -> Result<Proxies, String> {
        let env = Environment::of(variables.iter().copied());
        Proxies::read(&env).map_err(|error| error.to_string())
    }

    /// The proxies to some addresses, as host and port.
    fn to<const N: usize>(
        variables: &[(&'static str, &'static str)],
        addresses: [&str; N],
    ) -> [Option<String>; N] {
        let proxies = read(variables).unwrap();
        addresses.map(|address| {
            let address = address.parse().unwrap();
            let proxy = proxies.to(&address).filter(|proxy| !proxy.is_no_proxy(&address))?;
            Some(format!("{}:{}", proxy.host(), proxy.port()))
        })
    }

    #[test]
    fn each_kind_of_address_has_a_proxy_of_its_own_and_this_machine_none() {
        let variables = [("HTTPS_PROXY", "http://u:p@secure:1"), ("http_proxy", "plain:2")];
        let addresses = [
            "https://h",
            "http://h",
            "http://localhost:4318",
            "https://127.0.0.1",
            "http://[::1]:1",
        ];
        let expected = [Some("secure:1"), Some("plain:2"), None, None, None];
        assert_eq!(to(&variables, addresses), expected.map(|it| it.map(str::to_owned)));
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
    fn a_proxy_that_cannot_be_used_is_an_error_that_names_its_variable_and_no_password() {
        let error = |name, url| read(&[(name, url)]).unwrap_err();
        assert_eq!(
            error("HTTPS_PROXY", "http://u:hunter2@"),
            "`HTTPS_PROXY` cannot be read; expected an address like `http://proxy:3128`"
        );
        assert_eq!(
            error("all_proxy", "socks5://u:hunter2@h"),
            "`all_proxy` names a SOCKS proxy; only HTTP proxies can be used"
        );
        let shown = format!("{:?}", read(&[("HTTPS_PROXY", "http://u:hunter2@h")]).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
