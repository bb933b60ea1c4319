//! Files of a spool: `<number>-<spans>.otlp`, both numbers bounded, and regular files of this user.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::segment::{LONGEST_SEGMENT, MAGIC, SegmentDamage};
use crate::disk::private_files::{UNFINISHED, is_own_file, open_to_read};

/// Maximum number of spans in a file: each takes at least one byte.
const MOST_SPANS: u64 = LONGEST_SEGMENT;
/// Exclusive upper bound of file numbers.
const NUMBERS: u64 = 1 << 63;
/// Block size by which the space on disk is rounded up.
pub(super) const BLOCK: u64 = 4096;
const EXTENSION: &str = ".otlp";

/// Name of a file: its position in the order, and the number of its spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName {
    pub(super) number: u64,
    pub(super) spans: u64,
}

/// File that waits to be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SpoolFile {
    pub(super) name: FileName,
    /// Size on disk.
    pub(super) bytes: u64,
    pub(super) written: SystemTime,
}

/// Content of a folder.
#[derive(Debug, Default)]
pub(super) struct FolderListing {
    /// Segments, oldest first.
    pub(super) files: Vec<SpoolFile>,
    /// Number of entries that are named like segments but are not.
    pub(super) strangers: u64,
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{}{EXTENSION}", self.number, self.spans)
    }
}

impl FileName {
    /// Parses a name; `None` unless it is exactly what we would have written, so that a name always leads back to
    /// its file.
    fn parse(text: &str) -> Option<Self> {
        let (number, spans) = text.strip_suffix(EXTENSION)?.split_once('-')?;
        let name = Self { number: number.parse().ok()?, spans: spans.parse().ok()? };
        (name.is_possible() && name.to_string() == text).then_some(name)
    }

    /// Returns `true` if it is within the bounds, so that no sum of such names overflows.
    pub(super) const fn is_possible(self) -> bool {
        self.number < NUMBERS && self.spans <= MOST_SPANS
    }
}

/// Returns the number after another one, and 0 after the last. A folder gets there only if such a file was
/// planted, and then only the order of sending suffers.
pub(super) fn number_after(number: u64) -> u64 {
    number.checked_add(1).filter(|next| *next < NUMBERS).unwrap_or(0)
}

impl SpoolFile {
    /// Returns the number of spans in its name, which is corrected when the file is read.
    pub(crate) const fn spans(&self) -> u64 {
        self.name.spans
    }

    pub(super) fn path_in(&self, dir: &Path) -> PathBuf {
        dir.join(self.name.to_string())
    }

    pub(super) const fn is_too_long(&self) -> bool {
        self.bytes > LONGEST_SEGMENT
    }
}

impl FolderListing {
    pub(super) fn of(dir: &Path) -> io::Result<Self> {
        let mut listing = Self::default();
        for entry in fs::read_dir(dir)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.ends_with(EXTENSION) {
                continue;
            }
            match FileName::parse(&name).and_then(|name| waiting(name, &entry.metadata().ok()?)) {
                Some(file) => listing.files.push(file),
                None => listing.strangers = listing.strangers.saturating_add(1),
            }
        }
        listing.files.sort_by_key(|file| file.name);
        Ok(listing)
    }
}

/// Returns a file if it is ours. Any other is not even opened, let alone removed.
fn waiting(name: FileName, metadata: &fs::Metadata) -> Option<SpoolFile> {
    let written = metadata.modified().ok()?;
    is_own_file(metadata).then(|| SpoolFile { name, bytes: on_disk(metadata.len()), written })
}

pub(super) fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

pub(super) fn spans_of(files: &[SpoolFile]) -> u64 {
    files.iter().fold(0, |sum, file| sum.saturating_add(file.spans()))
}

/// Removes files that a dead process has not finished.
pub(super) fn sweep(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_unfinished) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns `true` if it is the name of an unfinished segment, which has another extension while it is written.
fn is_unfinished(name: &str) -> bool {
    let parts = name.split_once('.').filter(|_| name.ends_with(&format!(".{UNFINISHED}")));
    parts.is_some_and(|(stem, _)| FileName::parse(&format!("{stem}{EXTENSION}")).is_some())
}

/// Reads a file of this user, as far as it can be a segment.
pub(super) fn read_segment(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_to_read(path)?;
    if file.metadata()?.len() > LONGEST_SEGMENT {
        return Err(io::Error::new(ErrorKind::FileTooLarge, SegmentDamage::Length));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    // A file with another magic number is not worth the memory.
    if bytes == MAGIC {
        file.take(LONGEST_SEGMENT).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn file_name_of_others_is_not_parsed() {
        let name = FileName { number: 7, spans: 12 };
        assert_eq!(FileName::parse("00000000000000000007-12.otlp"), Some(name));
        let last = FileName { number: NUMBERS - 1, spans: MOST_SPANS };
        assert_eq!(FileName::parse("09223372036854775807-268435456.otlp"), Some(last));
        for text in [
            "",
            ".otlp",
            "-.otlp",
            "0-1.otlp",
            "7-12.otlp",
            "000000000000000000007-12.otlp",
            "00000000000000000007-012.otlp",
            "00000000000000000007-+12.otlp",
            "+0000000000000000007-12.otlp",
            "00000000000000000007--12.otlp",
            "00000000000000000007-12-3.otlp",
            "00000000000000000007-.otlp",
            "00000000000000000007-12 .otlp",
            "00000000000000000007-12.otlp.otlp",
            "00000000000000000007-12.OTLP",
            "00000000000000000007-12",
            "00000000000000000007-268435457.otlp",
            "00000000000000000000-18446744073709551615.otlp",
            "00000000000000000000-18446744073709551616.otlp",
            "09223372036854775808-1.otlp",
            "18446744073709551615-1.otlp",
            "99999999999999999999-1.otlp",
        ] {
            assert_eq!(FileName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn file_number_wraps_around() {
        assert_eq!([0, 7, NUMBERS - 2].map(number_after), [1, 8, NUMBERS - 1]);
        assert_eq!([NUMBERS - 1, NUMBERS, u64::MAX].map(number_after), [0; 3]);
    }

    #[test]
    fn sweep_removes_unfinished_segments_only() {
        let dir = tempfile::tempdir().unwrap();
        let ours = ["00000000000000000001-5.tmp", "00000000000000000001-5.1.tmp"];
        let theirs =
            ["notes.tmp", "1-5.tmp", "00000000000000000001-5.otlp", "00000000000000000001-5"];
        ours.iter().chain(&theirs).for_each(|name| fs::write(dir.path().join(name), "").unwrap());
        sweep(dir.path());
        assert_eq!(ours.map(|name| dir.path().join(name).exists()), [false; 2]);
        assert_eq!(theirs.map(|name| dir.path().join(name).exists()), [true; 4]);
    }

    proptest! {
        #[test]
        fn file_name_survives_a_round_trip(
            number in 0..NUMBERS,
            spans in 0..=MOST_SPANS,
        ) {
            let name = FileName { number, spans };
            prop_assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn file_name_parses_only_its_own_spelling(
            text in prop_oneof!["[0-9+-]{18,22}-[0-9+-]{1,20}\\.otlp", any::<String>()],
        ) {
            if let Some(name) = FileName::parse(&text) {
                prop_assert!(name.is_possible());
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
