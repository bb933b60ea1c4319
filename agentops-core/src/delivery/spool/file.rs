//! The files of a spool: `<number>-<spans>.otlp`, both within bounds, and regular files of our own.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::segment::{Damage, MAGIC};
use crate::private_files::{UNFINISHED, is_own_file, open_to_read};

/// More than this is no segment of ours.
pub(super) const LONGEST_SEGMENT: u64 = 256 << 20;
/// As many spans are in one at the most: each takes a byte at the least.
const MOST_SPANS: u64 = LONGEST_SEGMENT;
/// All numbers are below it.
const NUMBERS: u64 = 1 << 63;
/// Unit of the space on disk, in bytes.
pub(super) const BLOCK: u64 = 4096;
const EXTENSION: &str = ".otlp";

/// A file's name: its place in the order, and the spans that are said to be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) number: u64,
    pub(super) spans: u64,
}

/// A file that waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiting {
    pub(super) name: Name,
    /// On disk.
    pub(super) bytes: u64,
    pub(super) written: SystemTime,
}

/// Contents of a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The segments, the oldest first.
    pub(super) files: Vec<Waiting>,
    /// Number of entries that are called like segments, more or less, and are none.
    pub(super) strangers: u64,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{}{EXTENSION}", self.number, self.spans)
    }
}

impl Name {
    /// `None` for what we would not have written to the letter: so a file is found where its name says.
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

/// The number after another one. After the last one comes 0: a folder gets there only if somebody has put such a number
/// into it, and then nothing but the order of sending suffers.
pub(super) fn number_after(number: u64) -> u64 {
    number.checked_add(1).filter(|next| *next < NUMBERS).unwrap_or(0)
}

impl Waiting {
    /// Number of spans by its name, which is made to agree with its label when it is read.
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

impl Listing {
    pub(super) fn of(dir: &Path) -> io::Result<Self> {
        let mut listing = Self::default();
        for entry in fs::read_dir(dir)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.ends_with(EXTENSION) {
                continue;
            }
            match Name::parse(&name).and_then(|name| waiting(name, &entry.metadata().ok()?)) {
                Some(file) => listing.files.push(file),
                None => listing.strangers = listing.strangers.saturating_add(1),
            }
        }
        listing.files.sort_by_key(|file| file.name);
        Ok(listing)
    }
}

/// A file, if it is ours. What is none is not even opened, let alone removed.
fn waiting(name: Name, metadata: &fs::Metadata) -> Option<Waiting> {
    let written = metadata.modified().ok()?;
    is_own_file(metadata).then(|| Waiting { name, bytes: on_disk(metadata.len()), written })
}

pub(super) fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

pub(super) fn spans_of(files: &[Waiting]) -> u64 {
    files.iter().fold(0, |sum, file| sum.saturating_add(file.spans()))
}

/// Removes what a dead process was still writing.
pub(super) fn sweep(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_unfinished) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns `true` if it is the name of a segment, whose extension is another one as long as it is written.
fn is_unfinished(name: &str) -> bool {
    let parts = name.split_once('.').filter(|_| name.ends_with(&format!(".{UNFINISHED}")));
    parts.is_some_and(|(stem, _)| Name::parse(&format!("{stem}{EXTENSION}")).is_some())
}

/// Reads a file of ours, as far as it can be a segment.
pub(super) fn read_segment(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_to_read(path)?;
    if file.metadata()?.len() > LONGEST_SEGMENT {
        return Err(io::Error::new(ErrorKind::FileTooLarge, Damage::Length));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    // What begins otherwise is not worth the memory.
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
    fn names_that_we_would_not_have_written_are_none() {
        let name = Name { number: 7, spans: 12 };
        assert_eq!(Name::parse("00000000000000000007-12.otlp"), Some(name));
        let last = Name { number: NUMBERS - 1, spans: MOST_SPANS };
        assert_eq!(Name::parse("09223372036854775807-268435456.otlp"), Some(last));
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
            assert_eq!(Name::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_number_after_the_last_one_is_the_first() {
        assert_eq!([0, 7, NUMBERS - 2].map(number_after), [1, 8, NUMBERS - 1]);
        assert_eq!([NUMBERS - 1, NUMBERS, u64::MAX].map(number_after), [0; 3]);
    }

    #[test]
    fn only_what_is_called_like_an_unfinished_segment_is_swept() {
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
        fn a_possible_name_is_read_as_it_was_written(
            number in 0..NUMBERS,
            spans in 0..=MOST_SPANS,
        ) {
            let name = Name { number, spans };
            prop_assert_eq!(Name::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn whatever_is_read_as_a_name_is_written_so(
            text in prop_oneof!["[0-9+-]{18,22}-[0-9+-]{1,20}\\.otlp", any::<String>()],
        ) {
            if let Some(name) = Name::parse(&text) {
                prop_assert!(name.is_possible());
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
