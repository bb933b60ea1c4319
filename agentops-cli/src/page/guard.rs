//! Guard in front of the server: it answers the user's own browser, on a page of its own. Nothing can be changed but the
//! scores, which the page alone can add.

use axum::http::{HeaderMap, Method, StatusCode, header::HOST};

use super::token::Token;

/// Header by which a browser names the origin of a request.
const SITE: &str = "sec-fetch-site";

/// Guard of a server.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(crate) port: u16,
    pub(crate) token: Token,
}

/// Reason why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request is for another host: a foreign name may lead here, too.
    Host,
    Method,
    /// The secret is missing or wrong.
    Token,
    /// A page of another origin asks.
    Site,
}

impl Refusal {
    /// Returns the status of the answer.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Host | Self::Site => StatusCode::FORBIDDEN,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Token => StatusCode::NOT_FOUND,
        }
    }
}

impl Guard {
    /// Checks a request.
    ///
    /// # Errors
    /// Returns the reason if it is to be refused.
    pub(super) fn check(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        if !self.is_host(headers) {
            return Err(Refusal::Host);
        }
        let path = path.strip_prefix('/').unwrap_or_default();
        let (token, rest) = path.split_once('/').unwrap_or((path, ""));
        let adds = *method == Method::POST && has_scores(rest);
        if !adds && !matches!(*method, Method::GET | Method::HEAD) {
            return Err(Refusal::Method);
        }
        if !self.token.matches(token) {
            return Err(Refusal::Token);
        }
        let is_of_site = is_of_site(headers, rest) && (!adds || headers.contains_key(SITE));
        if is_of_site { Ok(()) } else { Err(Refusal::Site) }
    }

    fn is_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (host, other) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next());
        host.filter(|_| other.is_none()).is_some_and(|host| {
            // A browser leaves out the usual port.
            let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
            matches!(name, "127.0.0.1" | "localhost") && port == self.port.to_string()
        })
    }
}

/// Returns `true` for the path of the scores of a session.
pub(super) fn has_scores(path: &str) -> bool {
    path.starts_with("api/s/") && path.ends_with("/scores")
}

/// Returns `true` if the page itself asks, or its user for the page and its files. What is no browser does not tell.
fn is_of_site(headers: &HeaderMap, rest: &str) -> bool {
    let is_file = !rest.starts_with("api/");
    headers.get_all(SITE).iter().all(|site| match site.as_bytes() {
        b"same-origin" => true,
        b"none" => is_file,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard { port: 7_001, token: Token::new().unwrap() }
    }

    /// Returns the answer to a request of this method for a path below the secret.
    fn checked(
        method: &Method,
        path: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Option<Refusal> {
        let guard = guard();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        guard.check(method, &path.replace("TOKEN", &guard.token.to_string()), &headers).err()
    }

    fn with_host(host: &'static str) -> Option<Refusal> {
        checked(&Method::GET, "/TOKEN/", &[("host", host)])
    }

    fn of_site(path: &str, site: &'static str) -> Option<Refusal> {
        checked(&Method::GET, path, &[("host", "localhost:7001"), (SITE, site)])
    }

    #[test]
    fn guard_answers_to_its_own_names_alone() {
        assert_eq!(["127.0.0.1:7001", "localhost:7001"].map(with_host), [None; 2]);
        let others = ["localhost", "localhost:7002", "[::1]:7001", "evil.example:7001", "", "7001"];
        assert_eq!(others.map(with_host), [Some(Refusal::Host); 6]);
        let two = [("host", "localhost:7001"), ("host", "localhost:7001")];
        let guard = guard();
        let mut headers = HeaderMap::new();
        two.iter().for_each(|(name, host)| _ = headers.append(*name, host.parse().unwrap()));
        let path = format!("/{}/", guard.token);
        assert_eq!(guard.check(&Method::GET, &path, &headers), Err(Refusal::Host));
        assert_eq!(checked(&Method::GET, "/TOKEN/", &[]), Some(Refusal::Host));
    }

    #[test]
    fn usual_port_may_be_left_out() {
        let guard = Guard { port: 80, ..guard() };
        let path = format!("/{}/", guard.token);
        let of = |host: &'static str| {
            let headers = [(HOST, host.parse().unwrap())].into_iter().collect();
            guard.check(&Method::GET, &path, &headers)
        };
        assert_eq!(["localhost", "127.0.0.1:80"].map(of), [Ok(()); 2]);
        assert_eq!(["evil.example", "localhost:81"].map(of), [Err(Refusal::Host); 2]);
    }

    #[test]
    fn guard_lets_nothing_be_changed() {
        let of =
            |method: Method| checked(&method, "/TOKEN/api/sessions", &[("host", "127.0.0.1:7001")]);
        assert_eq!([Method::GET, Method::HEAD].map(of), [None; 2]);
        let others = [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH];
        assert_eq!(others.map(of), [Some(Refusal::Method); 5]);
    }

    #[test]
    fn page_alone_adds_scores() {
        let of = |path, headers: &[_]| checked(&Method::POST, path, headers);
        let (host, path) = (("host", "127.0.0.1:7001"), "/TOKEN/api/s/1/scores");
        assert_eq!(of(path, &[host, (SITE, "same-origin")]), None);
        let others = ["none", "same-site", "cross-site", ""];
        let refused = others.map(|site| of(path, &[host, (SITE, site)]));
        assert_eq!(refused, [Some(Refusal::Site); 4]);
        assert_eq!(of(path, &[host]), Some(Refusal::Site));
        let own = [host, (SITE, "same-origin")];
        assert_eq!(of("/api/s/1/scores", &own), Some(Refusal::Method));
        assert_eq!(of("/other/api/s/1/scores", &own), Some(Refusal::Token));
        let others = ["/TOKEN/api/sessions", "/TOKEN/api/s/1", "/TOKEN/scores", "/TOKEN/s/scores"];
        assert_eq!(others.map(|path| of(path, &own)), [Some(Refusal::Method); 4]);
        assert_eq!(checked(&Method::PUT, path, &own), Some(Refusal::Method));
    }

    #[test]
    fn guard_asks_for_the_token_of_every_path() {
        let of = |path| checked(&Method::GET, path, &[("host", "127.0.0.1:7001")]);
        assert_eq!(["/TOKEN", "/TOKEN/", "/TOKEN/app.js", "/TOKEN/any"].map(of), [None; 4]);
        let others = ["/", "/app.js", "/TOKENa/", "/%20TOKEN/", "//TOKEN/", "/a/TOKEN/", "*"];
        assert_eq!(others.map(of), [Some(Refusal::Token); 7]);
    }

    #[test]
    fn guard_refuses_pages_of_other_origins() {
        let api = "/TOKEN/api/sessions";
        assert_eq!(of_site(api, "same-origin"), None);
        assert_eq!(of_site("/TOKEN/", "none"), None);
        assert_eq!(of_site("/TOKEN/app.js", "same-origin"), None);
        assert_eq!(
            ["none", "same-site", "cross-site", "", "x"].map(|site| of_site(api, site)),
            [Some(Refusal::Site); 5]
        );
        assert_eq!(
            ["same-site", "cross-site"].map(|site| of_site("/TOKEN/", site)),
            [Some(Refusal::Site); 2]
        );
    }
}
