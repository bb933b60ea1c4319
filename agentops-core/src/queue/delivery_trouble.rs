//! Troubles of delivery, with the texts of their warnings.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Formatter},
    io,
    path::Path,
};

use crate::{
    disk::private_files::remedy_of,
    process::presentable::{listed, name, presentable_ends, shown},
};

/// Maximum characters of an error's start and end in a message; the remedy follows it.
pub(super) const MAX_ERROR: [usize; 2] = [600, 599];

/// Trouble that costs spans or delays them. Its text is that of the warning.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DeliveryTrouble<'a> {
    /// The endpoint or the exporter takes no spans.
    Failure(&'a str),
    /// The endpoint takes spans and sends a warning.
    EndpointWarning(&'a str),
    /// The queue is full.
    Drops,
    /// The spool's folder cannot be used.
    Spool(&'a Path, &'a io::Error),
    /// Git may pick up recorded content; the text has the remedy.
    Git(&'a str),
    /// Files in the spool are damaged.
    Damage(&'a str),
    /// The content of a file differs from its name or label.
    Mismatch(&'a str),
    /// A file exists but cannot be read at the moment.
    Hindrance(&'a str),
    /// The files of a dead process cannot be moved.
    LeftBehind(&'a Path, &'a io::Error),
    /// Files are named like those of a spool but are not.
    Strangers(&'a Path, u64),
    /// Spans on disk are meant for other endpoints, with the number for each.
    Elsewhere(&'a Path, &'a BTreeMap<String, u64>),
    /// A mask of the program panicked.
    MaskPanic,
    /// The endpoint takes no metrics.
    #[cfg(feature = "metrics")]
    Metrics(&'a str),
}

impl DeliveryTrouble<'_> {
    /// Returns the bit of its kind in a set of troubles.
    pub(super) const fn bit(self) -> u16 {
        1 << match self {
            Self::Failure(_) => 0,
            Self::EndpointWarning(_) => 1,
            Self::Drops => 2,
            Self::Spool(..) => 3,
            Self::Git(_) => 4,
            Self::Damage(_) => 5,
            Self::Mismatch(_) => 6,
            Self::Hindrance(_) => 7,
            Self::LeftBehind(..) => 8,
            Self::Strangers(..) => 9,
            Self::Elsewhere(..) => 10,
            Self::MaskPanic => 11,
            #[cfg(feature = "metrics")]
            Self::Metrics(_) => 12,
        }
    }
}

impl fmt::Display for DeliveryTrouble<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Failure(error) => write!(f, "spans are not being delivered: {}", cut(error)),
            Self::EndpointWarning(warning) => f.write_str(&cut(warning)),
            Self::Drops => f.write_str(
                "spans are being dropped because the queue is full; raise `AGENTOPS_MAX_QUEUE_SIZE` or record less",
            ),
            Self::Spool(dir, error) => write_spool(f, dir, error),
            Self::Git(warning) => f.write_str(warning),
            Self::Damage(damage) => {
                write!(f, "spans on disk cannot be read: {}; they count as failed", cut(damage))
            }
            Self::Mismatch(mismatch) => write!(
                f,
                "spans on disk are not those that were kept: {mismatch}; what is missing counts as failed, what \
                 nobody knew of as recovered"
            ),
            Self::Hindrance(hindrance) => write!(
                f,
                "spans on disk cannot be read just now: {hindrance}; they wait there for a later program"
            ),
            Self::LeftBehind(dir, error) => write!(
                f,
                "what a dead process has left in `{}` cannot be taken over: {error}; it waits there for a later \
                 program",
                shown(dir)
            ),
            Self::Strangers(dir, count) => write!(
                f,
                "{count} files in the spool `{}` are none of agentops', by name, kind or owner; they are left \
                 alone and count nowhere; look at them and remove them",
                shown(dir)
            ),
            Self::Elsewhere(dir, spans) => write_elsewhere(f, dir, spans),
            Self::MaskPanic => f.write_str(
                "a mask has panicked; `<mask failed>` stands in place of what it was shown",
            ),
            #[cfg(feature = "metrics")]
            Self::Metrics(error) => write!(
                f,
                "metrics are not being delivered: {}; \
                 set `OTEL_METRICS_EXPORTER` to `none` where nobody takes them",
                cut(error)
            ),
        }
    }
}

fn cut(error: &str) -> Cow<'_, str> {
    presentable_ends(error, MAX_ERROR)
}

fn write_spool(f: &mut Formatter<'_>, dir: &Path, error: &io::Error) -> fmt::Result {
    let (trouble, remedy) = match remedy_of(error) {
        // The folder may be planted: its content may not be the user's.
        Some(remedy) => ("is not used", remedy + ","),
        None => ("cannot be written", "make it writable".to_owned()),
    };
    write!(
        f,
        "the spool `{}` {trouble}: {error}; {remedy} or set `AGENTOPS_SPOOL_DIR` to another one; spans are \
         sent from memory meanwhile",
        shown(dir)
    )
}

fn write_elsewhere(
    f: &mut Formatter<'_>,
    dir: &Path,
    spans: &BTreeMap<String, u64>,
) -> fmt::Result {
    let counted = spans.iter().map(|(endpoint, count)| format!("{count} for `{}`", name(endpoint)));
    let (counted, dir) = (listed(counted), shown(dir));
    write!(
        f,
        "spans in the spool `{dir}` wait for another endpoint: {counted}; \
         send them there, or anywhere with `agentops push {dir}`"
    )
}
