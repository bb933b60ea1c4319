//! Whom TLS trusts, and who we are: `OTEL_EXPORTER_OTLP_CERTIFICATE` and its like.

use std::{fmt, fs};

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::environment::Environment;
use crate::error::ConfigError;

/// The settings of TLS; by default, the authorities that browsers trust.
#[derive(Clone, Default)]
pub(crate) struct Tls(TlsConfig);

impl fmt::Debug for Tls {
    /// It may hold a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    pub(crate) fn config(&self) -> TlsConfig {
        self.0.clone()
    }

    pub(super) fn read(env: &Environment) -> Result<Self, ConfigError> {
        let mut config = TlsConfig::builder();
        if let Some(roots) = file(env, "CERTIFICATE", certificates)? {
            config = config.root_certs(RootCerts::new_with_certs(&roots));
        }
        let chain = file(env, "CLIENT_CERTIFICATE", certificates)?;
        let key = file(env, "CLIENT_KEY", private_key)?;
        let client = match (chain, key) {
            (Some(chain), Some(key)) => Some(ClientCert::new_with_certs(&chain, key)),
            (None, None) => None,
            (Some(_), None) => return Err(alone("CERTIFICATE", "KEY")),
            (None, Some(_)) => return Err(alone("KEY", "CERTIFICATE")),
        };
        Ok(Self(config.client_cert(client).build()))
    }
}

/// What a file holds that a variable names; the variable for traces wins over the general one.
fn file<T>(
    env: &Environment,
    suffix: &str,
    read: fn(&[u8]) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    for infix in ["TRACES_", ""] {
        let name = format!("OTEL_EXPORTER_OTLP_{infix}{suffix}");
        if let Some(path) = env.text(&name)? {
            let problem = |problem| ConfigError::new(&name, format!("is `{path}`, {problem}"));
            let bytes = fs::read(path).map_err(|error| {
                problem(format!("which cannot be read: {error}; name a file in the format PEM"))
            })?;
            let found = read(&bytes).ok_or_else(|| {
                problem("in which none was found; name a file in the format PEM".to_owned())
            })?;
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let items: Result<Vec<_>, _> = parse_pem(pem).collect();
    let certificates = items.ok()?.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    Some(certificates.collect()).filter(|found: &Vec<_>| !found.is_empty())
}

fn private_key(pem: &[u8]) -> Option<PrivateKey<'static>> {
    PrivateKey::from_pem(pem).ok()
}

fn alone(one: &str, other: &str) -> ConfigError {
    ConfigError::new(
        format!("OTEL_EXPORTER_OTLP_CLIENT_{one}"),
        format!("stands alone; set `OTEL_EXPORTER_OTLP_CLIENT_{other}`, too"),
    )
}
