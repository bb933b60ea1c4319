//! Which proxy stands in the way: `HTTPS_PROXY` and its like, read as most programs do.

use std::net::IpAddr;

use http::Uri;
use ureq::{Proxy, ProxyBuilder, ProxyProtocol};

use super::{
    destination::Secret,
    environment::Environment,
    variables::{ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, Variable, small},
};
use crate::error::ConfigError;

/// The proxy for each kind of address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

impl Proxies {
    /// The program's own proxy, or those of the environment.
    pub(super) fn choose<'a>(
        set: Option<&Secret>,
        env: &Environment,
        addresses: impl Iterator<Item = &'a Uri>,
    ) -> Result<Self, ConfigError> {
        let Some(url) = set else { return Self::read(env, addresses) };
        let proxy = proxy("proxy", url.reveal(), "")?;
        Ok(Self { http: Some(proxy.clone()), https: Some(proxy) })
    }

    /// Reads what is needed to get to these addresses, and nothing else: the variables are not ours, and most
    /// programs that find one with a mistake in it never use it.
    fn read<'a>(
        env: &Environment,
        addresses: impl Iterator<Item = &'a Uri>,
    ) -> Result<Self, ConfigError> {
        let mut proxies = Self::default();
        for address in addresses.filter(|address| !is_loopback(address)) {
            match address.scheme_str() {
                Some("https") => proxies.https = find(env, HTTPS_PROXY)?,
                _ => proxies.http = find(env, HTTP_PROXY)?,
            }
        }
        Ok(proxies)
    }

    /// The proxy for an address; there is none to this machine, whatever the variables say.
    pub(crate) fn to(&self, address: &Uri) -> Option<Proxy> {
        let proxy = if address.scheme_str() == Some("https") { &self.https } else { &self.http };
        proxy.clone().filter(|_| !is_loopback(address))
    }
}

fn find(env: &Environment, own: Variable) -> Result<Option<Proxy>, ConfigError> {
    let except = first(env, NO_PROXY)?.map_or("", |(_, list)| list);
    let found = match first(env, own)? {
        Some(found) => Some(found),
        None => first(env, ALL_PROXY)?,
    };
    found.map(|(name, url)| proxy(name.name(), url, except)).transpose()
}

/// The first of the two spellings of a variable that is set.
fn first(env: &Environment, variable: Variable) -> Result<Option<(Variable, &str)>, ConfigError> {
    for name in [small(variable), variable] {
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

fn is_loopback(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        variables: &[(&'static str, &'static str)],
        addresses: &[&str],
    ) -> Result<Proxies, String> {
        let env = Environment::of(variables.iter().copied());
        let addresses: Vec<Uri> = addresses.iter().map(|it| it.parse().unwrap()).collect();
        Proxies::read(&env, addresses.iter()).map_err(|error| error.to_string())
    }

    /// The proxies to some addresses, as host and port.
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
    fn the_program_s_own_proxy_is_for_all_but_this_machine() {
        let env = Environment::of([("HTTPS_PROXY", "http://theirs:1"), ("NO_PROXY", "h")]);
        let own = Secret::new("http://u:hunter2@own:2".to_owned());
        let proxies = Proxies::choose(Some(&own), &env, std::iter::empty()).unwrap();
        let to = |address: &str| {
            let address = address.parse().unwrap();
            let proxy = proxies.to(&address).filter(|proxy| !proxy.is_no_proxy(&address))?;
            Some(format!("{}:{}", proxy.host(), proxy.port()))
        };
        let expected = [Some("own:2".to_owned()), Some("own:2".to_owned()), None];
        assert_eq!([to("https://h"), to("http://h"), to("http://localhost")], expected);
        let wrong = Secret::new("socks5://u:hunter2@h".to_owned());
        let error = Proxies::choose(Some(&wrong), &env, std::iter::empty()).unwrap_err();
        let expected = "`proxy` names a SOCKS proxy; only HTTP proxies can be used";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_proxy_that_is_not_needed_may_be_anything() {
        let variables = [("ALL_PROXY", "socks5://h"), ("HTTP_PROXY", "?")];
        assert!(read(&variables, &[]).is_ok());
        assert!(read(&variables, &["http://localhost:4318", "https://127.0.0.1"]).is_ok());
        assert!(read(&variables, &["http://h"]).is_err());
    }
}
