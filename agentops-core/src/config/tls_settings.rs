//! TLS settings: trusted roots and client certificate, from `OTEL_EXPORTER_OTLP_CERTIFICATE` and the like.

use std::{fmt, fs};

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::{
    secret_text::Secret,
    variable_names::{
        OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
        OTEL_EXPORTER_OTLP_CLIENT_KEY, OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
        Variable,
    },
    variable_reader::Environment,
};
use crate::error::{ConfigError, ConfigErrorKind};

/// TLS settings; by default, the authorities that browsers trust.
#[derive(Clone, Default)]
pub(crate) struct Tls(TlsConfig);

impl fmt::Debug for Tls {
    /// Shows nothing of the settings, which may hold a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    pub(crate) fn config(&self) -> TlsConfig {
        self.0.clone()
    }

    /// Reads the settings of the program, else those of the environment.
    pub(super) fn read(
        roots: Option<&Secret>,
        client: Option<&(Secret, Secret)>,
        env: &Environment,
    ) -> Result<Self, ConfigError> {
        let mut config = TlsConfig::builder();
        let from_env = named(env, ROOTS, certificates)?;
        let set = roots.map(|pem| load("certificate", pem.reveal(), certificates)).transpose()?;
        if let Some(roots) = set.or(from_env) {
            config = config.root_certs(RootCerts::new_with_certs(&roots));
        }
        let from_env = client_by_name(env)?;
        let set = client.map(|(pem, key)| {
            let chain = load("client_certificate", pem.reveal(), certificates)?;
            let key = load("client_certificate", key.reveal(), private_key)?;
            Ok(ClientCert::new_with_certs(&chain, key))
        });
        Ok(Self(config.client_cert(set.transpose()?.or(from_env)).build()))
    }
}

/// Variable for traces, then the general one; the first that is set wins.
type Names = [Variable; 2];

const ROOTS: Names = [OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE];
const CHAIN: Names =
    [OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE];
const KEY: Names = [OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY];

fn client_by_name(env: &Environment) -> Result<Option<ClientCert>, ConfigError> {
    match (named(env, CHAIN, certificates)?, named(env, KEY, private_key)?) {
        (Some(chain), Some(key)) => Ok(Some(ClientCert::new_with_certs(&chain, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(alone(CHAIN, KEY)),
        (None, Some(_)) => Err(alone(KEY, CHAIN)),
    }
}

/// Reads the file that the first of these variables names.
fn named<T>(
    env: &Environment,
    names: Names,
    read: fn(&[u8]) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    for name in names {
        if let Some(path) = env.text(name)? {
            return load_file(name.name(), path, read).map(Some);
        }
    }
    Ok(None)
}

/// Reads a PEM text, or the file at a path.
fn load<T>(setting: &str, pem: &str, read: fn(&[u8]) -> Option<T>) -> Result<T, ConfigError> {
    if !pem.trim_start().starts_with("-----BEGIN") {
        return load_file(setting, pem, read);
    }
    let problem = "is a text in the format PEM in which none was found; give another, or a path";
    read(pem.as_bytes()).ok_or_else(|| ConfigError::new(setting, ConfigErrorKind::Pem, problem))
}

fn load_file<T>(setting: &str, path: &str, read: fn(&[u8]) -> Option<T>) -> Result<T, ConfigError> {
    const REMEDY: &str = "name a file in the format PEM";
    if holds_a_key(path) {
        let problem = format!("holds a key or certificate itself; {REMEDY}");
        return Err(ConfigError::new(setting, ConfigErrorKind::Pem, problem));
    }
    let problem = |problem: &str| {
        let shown = if is_path(path) { format!("is `{path}`") } else { "names a file".to_owned() };
        ConfigError::new(setting, ConfigErrorKind::Pem, format!("{shown}, {problem}; {REMEDY}"))
    };
    let bytes =
        fs::read(path).map_err(|error| problem(&format!("which cannot be read: {error}")))?;
    read(&bytes).ok_or_else(|| problem("in which none was found"))
}

/// Returns `true` if a text that should be a path is itself PEM: whole or without its header and footer, with line
/// breaks as they are or escaped. Base64 of a key or a certificate begins with `M`.
fn holds_a_key(path: &str) -> bool {
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
    path.contains("-----")
        || path.contains(['\n', '\r'])
        || (path.len() >= SHORTEST_KEY && path.starts_with('M') && path.chars().all(is_base64))
}

/// Length of the shortest key in use, one of Ed25519, in base64.
const SHORTEST_KEY: usize = 64;
/// Longest path on most systems.
const LONGEST_PATH: usize = 4096;

/// Returns `true` if a text looks like a path. Any other text may be a key of another kind and is not shown.
fn is_path(text: &str) -> bool {
    let has_marks = text.contains(['/', '\\', '.']);
    has_marks && text.len() <= LONGEST_PATH && !text.contains(['{', '"'])
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

fn alone([_, one]: Names, [_, other]: Names) -> ConfigError {
    ConfigError::new(one, ConfigErrorKind::Incomplete, format!("stands alone; set `{other}`, too"))
}
