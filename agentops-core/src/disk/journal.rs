//! Spans that a process has begun and not ended, on disk, so that another can end them after its death.
//!
//! ```text
//! <folder>/<slot>/open/<trace>-<span>        begun by whoever holds the slot
//! <folder>/<slot>/aborted-<nanoseconds>-<n>/  begun by a process that died, and when that was last seen
//! ```

mod slot;

pub(crate) use self::slot::Slot;

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

pub(crate) use super::private_files::write_whole;
use super::private_files::{check_folder, create_private_dir, exists, rename_to_free};

/// The name of the folder of what is open, and how that of things begins which nobody will end.
const OPEN: &str = "open";
const ABORTED: &str = "aborted-";

/// The files of what is open, one each, named by trace and span.
#[derive(Debug)]
pub(crate) struct Journal {
    dir: PathBuf,
}

impl Journal {
    pub(crate) fn in_slot(slot: &Slot) -> Self {
        Self { dir: slot.dir.join(OPEN) }
    }

    /// Notes what has begun. Whoever removed the slot keeps it removed: it may be somebody else's by now.
    pub(crate) fn begin(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(name);
        match write_whole(&path, bytes) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create_private_dir(&self.dir)?;
                write_whole(&path, bytes)
            }
            written => written,
        }
    }

    pub(crate) fn end(&self, name: &str) {
        // Most end before they are worth a file.
        let _ = fs::remove_file(self.dir.join(name));
    }
}

/// Takes over what a dead process has left open. When it was last seen stands in the name.
///
/// # Errors
/// If what is taken over is not a folder of ours alone, as an [`Unfit`](crate::disk::private_files::Unfit).
pub(crate) fn take_aborted(from: &Slot, to: &Slot) -> io::Result<()> {
    let open = from.dir.join(OPEN);
    if exists(&open)? {
        let changed = fs::symlink_metadata(&open).and_then(|it| it.modified()).ok();
        let last_seen = changed.map_or(from.last_used, |changed| changed.max(from.last_used));
        let last_seen = last_seen.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let place = from.dir.file_name().unwrap_or_default().to_string_lossy();
        take(&open, to, &format!("{ABORTED}{}-{place}", last_seen.as_nanos()))?;
    }
    // Another process may have died before it was done with what it took over.
    for dir in aborted_folders(&from.dir) {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        if from.dir == to.dir { check_folder(&dir)? } else { take(&dir, to, &name)? }
    }
    Ok(())
}

/// Moves a folder into a slot. Two processes may have died in the same place at the same moment, as far as that is
/// known: the second gets another name.
fn take(dir: &Path, to: &Slot, name: &str) -> io::Result<()> {
    check_folder(dir)?;
    let mut number = 0;
    loop {
        let free = if number == 0 { name.to_owned() } else { format!("{name}.{number}") };
        match rename_to_free(dir, &to.dir.join(free)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            moved => return moved,
        }
    }
}

/// Spans that nobody will end any more.
#[derive(Debug)]
pub(crate) struct Aborted {
    dir: PathBuf,
    /// When its process was last seen, since 1970.
    pub(crate) last_seen: Duration,
    pub(crate) names: Vec<String>,
}

/// All that is in a slot of processes that died.
pub(crate) fn aborted_in(slot: &Path) -> impl Iterator<Item = Aborted> + use<> {
    aborted_folders(slot).filter_map(Aborted::at)
}

fn aborted_folders(slot: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folders = fs::read_dir(slot).into_iter().flatten().flatten().map(|folder| folder.path());
    folders.filter(|folder| last_seen(folder).is_some())
}

/// When a process was last seen, by the name of what it has left.
fn last_seen(folder: &Path) -> Option<Duration> {
    let (moment, _) = folder.file_name()?.to_str()?.strip_prefix(ABORTED)?.split_once('-')?;
    moment.parse().ok().map(Duration::from_nanos)
}

/// Everything that stands in the journals of a folder, whichever of our processes began it, dead or alive.
pub(crate) fn names_in(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let ours = |dir: &PathBuf| check_folder(dir).is_ok();
    let below = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten();
    let slots = Some(folder.to_owned()).filter(ours).into_iter().flat_map(below);
    let journals = slots.map(|slot| slot.path()).filter(ours).flat_map(below);
    let journals = journals.filter(|journal| {
        let name = journal.file_name();
        name == OPEN || name.to_string_lossy().starts_with(ABORTED)
    });
    journals.map(|journal| journal.path()).filter(ours).flat_map(|journal| names_at(&journal))
}

fn names_at(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names.filter(|name| is_span(name)).collect()
}

impl Aborted {
    fn at(dir: PathBuf) -> Option<Self> {
        let last_seen = last_seen(&dir)?;
        let names = names_at(&dir);
        Some(Self { dir, last_seen, names })
    }

    /// Where one of them is kept, or whatever else was noted.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Forgets all of them.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A trace and a span.
fn is_span(name: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    name.split_once('-').is_some_and(|(trace, span)| is_hex(trace) && is_hex(span))
}
