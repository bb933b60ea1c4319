//! Compression of request bodies.

use super::variable_names::{
    OTEL_EXPORTER_OTLP_COMPRESSION, OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
};
use super::variable_reader::{Environment, Misfit};
use crate::error::{ConfigError, ConfigErrorKind};

/// Compression of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// Compresses with gzip; needs the feature `gzip`.
    Gzip,
    /// Compresses with zstd; needs the feature `zstd`.
    Zstd,
}

/// Compression that this build supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

pub(super) fn choose(
    set: Option<Compression>,
    env: &Environment,
) -> Result<Option<Packing>, ConfigError> {
    let names = [OTEL_EXPORTER_OTLP_TRACES_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION];
    let from_env = env.either(names, |name| env.parse(name, |text| packing(parse(text)?)))?;
    let set = set.map(|compression| {
        let unable = |problem: Misfit| {
            ConfigError::new(
                "compression",
                problem.kind,
                format!("is `{compression:?}`; {}", problem.expected),
            )
        };
        packing(compression).map_err(unable)
    });
    Ok(set.transpose()?.or(from_env).flatten())
}

fn parse(text: &str) -> Result<Compression, &'static str> {
    match text {
        "none" => Ok(Compression::None),
        "gzip" => Ok(Compression::Gzip),
        "zstd" => Ok(Compression::Zstd),
        _ => Err("expected `gzip`, `zstd` or `none`"),
    }
}

fn packing(compression: Compression) -> Result<Option<Packing>, Misfit> {
    let unsupported = |expected| Misfit { kind: ConfigErrorKind::Unsupported, expected };
    match compression {
        Compression::None => Ok(None),
        Compression::Gzip if cfg!(feature = "gzip") => Ok(Some(Packing::Gzip)),
        Compression::Zstd if cfg!(feature = "zstd") => Ok(Some(Packing::Zstd)),
        Compression::Gzip => {
            Err(unsupported("this build cannot compress with it; enable the feature `gzip`"))
        }
        Compression::Zstd => {
            Err(unsupported("this build cannot compress with it; enable the feature `zstd`"))
        }
    }
}
