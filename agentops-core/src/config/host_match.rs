//! Hosts and origins, compared by meaning rather than by spelling.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// Host in a canonical form, for comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Ip(IpAddr),
}

impl Host {
    pub(super) fn of(address: &Uri) -> Self {
        let host = address.host().unwrap_or_default();
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(ip) => Self::Ip(ip.to_canonical()),
            Err(_) => Self::Name(name),
        }
    }

    /// Returns `true` if it is this domain or a subdomain of it.
    pub(super) fn is_within(&self, domain: &str) -> bool {
        let Self::Name(name) = self else { return false };
        let above = name.strip_suffix(domain);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// Returns `true` if it is this machine: `localhost`, a name below it (RFC 6761), or a loopback address.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_loopback() || *ip == IpAddr::V6(Ipv6Addr::LOCALHOST),
            Self::Name(_) => self.is_within("localhost"),
        }
    }
}

/// Origin of an address: scheme, host and port. A secret sent to one path of an origin may be read at its other
/// paths, and nowhere else.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin {
    is_tls: bool,
    host: Host,
    port: u16,
}

impl Origin {
    pub(super) fn of(address: &Uri) -> Self {
        let is_tls = address.scheme_str() == Some("https");
        let port = address.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Self { is_tls, host: Host::of(address), port }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(address: &str) -> Origin {
        Origin::of(&address.parse().unwrap())
    }

    #[test]
    fn origin_equality_ignores_spelling() {
        for (one, other) in [
            ("http://vendor", "http://VENDOR./v1/traces?a=b"),
            ("http://vendor:80", "HTTP://user:pass@vendor"),
            ("https://vendor", "https://vendor:443/"),
            ("http://[::1]:4318", "http://[0:0:0:0:0:0:0:1]:4318/v1/traces"),
            ("http://[::ffff:10.0.0.1]", "http://10.0.0.1"),
        ] {
            assert_eq!(origin(one), origin(other));
        }
        for other in
            ["https://vendor", "http://vendor:8080", "http://vendor.com", "http://a.vendor"]
        {
            assert_ne!(origin("http://vendor"), origin(other));
        }
        assert_ne!(origin("http://vendor@evil"), origin("http://vendor"));
    }

    #[test]
    fn host_is_within_matches_only_whole_labels() {
        let is_within =
            |address: &str| Host::of(&address.parse().unwrap()).is_within("agentops.ai");
        let hosted =
            ["https://agentops.ai", "https://OTLP.AgentOps.AI.", "https://u@a.b.agentops.ai:1/"];
        assert!(hosted.into_iter().all(is_within));
        let others = ["https://notagentops.ai", "https://agentops.ai.evil.com", "http://1.2.3.4"];
        assert!(!others.into_iter().any(is_within));
    }
}
