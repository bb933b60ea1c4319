//! Filter of whole files: several threads read ahead, and the verdicts come in the order of the files.

use std::{
    fs::File,
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use super::{super::ids::SessionId, raw_filter::RawFilter};

/// Bytes read at once.
const PIECE: usize = 256 << 10;
/// Most threads; the disk has no more to give.
const MOST_THREADS: usize = 4;

/// File of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionFile {
    pub(crate) session: SessionId,
    pub(crate) path: PathBuf,
}

/// Calls `act` with each file in turn, and with `true` if it may hold the needle.
pub(crate) fn for_each_file(
    files: &[SessionFile],
    filter: &RawFilter,
    mut act: impl FnMut(&SessionFile, io::Result<bool>) -> ControlFlow<()>,
) {
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let (sender, verdicts) = mpsc::channel();
        for _ in 0..cores.min(MOST_THREADS).min(files.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || filter_files(files, filter, next, &sender));
        }
        drop(sender);
        let mut early: Vec<_> = files.iter().map(|_| None).collect();
        let mut verdict_of = |index: usize| loop {
            if let Some(verdict) = early[index].take() {
                return Some(verdict);
            }
            let (index, verdict) = verdicts.recv().ok()?;
            early[index] = Some(verdict);
        };
        for (index, file) in files.iter().enumerate() {
            let Some(verdict) = verdict_of(index) else { return };
            if act(file, verdict).is_break() {
                return;
            }
        }
    });
}

/// Filters files until there are no more, or nobody waits for a verdict.
fn filter_files(
    files: &[SessionFile],
    filter: &RawFilter,
    next: &AtomicUsize,
    verdicts: &mpsc::Sender<(usize, io::Result<bool>)>,
) {
    let mut buffer = vec![0; PIECE + filter.longest()];
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = files.get(index) else { return };
        if verdicts.send((index, passes(&file.path, filter, &mut buffer))).is_err() {
            return;
        }
    }
}

fn passes(path: &Path, filter: &RawFilter, buffer: &mut [u8]) -> io::Result<bool> {
    let file = File::open(path)?;
    if filter.is_open() { Ok(true) } else { passes_in_pieces(file, filter, buffer) }
}

/// Reads piece by piece; the end of each is looked at again together with the next one.
fn passes_in_pieces(
    mut file: impl Read,
    filter: &RawFilter,
    buffer: &mut [u8],
) -> io::Result<bool> {
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        let filled = kept + read;
        if read == 0 {
            return Ok(false);
        }
        if filter.passes(&buffer[..filled]) {
            return Ok(true);
        }
        kept = filled.min(filter.longest() - 1);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{LetterCase, Needle};

    /// Reader that returns a few bytes at once.
    struct Pieces<'t>(&'t [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.1.min(buffer.len());
            self.0.read(&mut buffer[..piece])
        }
    }

    fn passes(needle: &str, case: LetterCase, text: &str) -> Vec<bool> {
        let filter = RawFilter::new(&Needle::new(needle, case));
        let mut pieces = 1..=text.len();
        let mut in_pieces = |piece| {
            let mut buffer = vec![0; filter.longest() + piece];
            passes_in_pieces(Pieces(text.as_bytes(), piece), &filter, &mut buffer).unwrap()
        };
        let mut all: Vec<_> = pieces.by_ref().map(&mut in_pieces).collect();
        all.dedup();
        all
    }

    #[test]
    fn file_filter_sees_needle_across_pieces() {
        use LetterCase::{Ignored, Matters};
        assert_eq!(passes("a lamp", Matters, "not a lamp."), [true]);
        assert_eq!(passes("a lamp", Matters, "not a l amp."), [false]);
        assert_eq!(passes("A LAMP", Ignored, "not a Lamp."), [true]);
        assert_eq!(passes("日本", Matters, r"x \u65e5 \u672c"), [true]);
        assert_eq!(passes("日本", Matters, r"x u65e5 \u672d"), [false]);
    }
}
