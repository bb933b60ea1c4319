//! Journal on disk of the spans that a process has open, so that another process can end them after a crash.
//!
//! ```text
//! <folder>/<slot>/open/<trace>-<span>        open spans of the process that holds the slot
//! <folder>/<slot>/aborted-<nanoseconds>-<n>/  open spans of a dead process, with the time it was last seen
//! ```

mod slot;

pub(crate) use self::slot::Slot;

use std::{
    fs::{self, DirEntry},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

pub(crate) use super::private_files::write_whole;
use super::private_files::{check_folder, create_private_dir, exists, rename_to_free};

/// Name of the folder of open spans, and prefix of the folders that dead processes have left.
const OPEN: &str = "open";
const ABORTED: &str = "aborted-";

/// Files of open spans, one each, named by trace and span.
#[derive(Debug)]
pub(crate) struct Journal {
    dir: PathBuf,
}

impl Journal {
    pub(crate) fn in_slot(slot: &Slot) -> Self {
        Self { dir: slot.dir.join(OPEN) }
    }

    /// Writes the file of an open span. If the slot's folder was removed, it is not created again: another process
    /// may hold the slot by now.
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
        // Most spans end before their file is written.
        let _ = fs::remove_file(self.dir.join(name));
    }
}

/// Takes over the open spans of a dead process. The new folder's name contains the time at which the process was
/// last seen.
///
/// # Errors
/// Returns an [`Unfit`](crate::disk::private_files::Unfit) if a folder that is taken over does not belong to this
/// user alone.
pub(crate) fn adopt_open_spans(from: &Slot, to: &Slot) -> io::Result<()> {
    let open = from.dir.join(OPEN);
    if exists(&open)? {
        let changed = fs::symlink_metadata(&open).and_then(|metadata| metadata.modified()).ok();
        let last_seen = changed.map_or(from.last_used, |changed| changed.max(from.last_used));
        let last_seen = last_seen.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let slot_name = from.dir.file_name().unwrap_or_default().to_string_lossy();
        move_into(&open, to, &format!("{ABORTED}{}-{slot_name}", last_seen.as_nanos()))?;
    }
    // A process may have died before it had finished what it took over from another one.
    for dir in aborted_folders(&from.dir) {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        if from.dir == to.dir { check_folder(&dir)? } else { move_into(&dir, to, &name)? }
    }
    Ok(())
}

/// Moves a folder into a slot. If the name is taken, because two processes died in the same slot at the same
/// recorded time, a number is appended.
fn move_into(dir: &Path, to: &Slot, name: &str) -> io::Result<()> {
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

/// Open spans of a dead process.
#[derive(Debug)]
pub(crate) struct Aborted {
    dir: PathBuf,
    /// Time at which the process was last seen, since 1970.
    pub(crate) last_seen: Duration,
    pub(crate) names: Vec<String>,
}

/// Returns the open spans that dead processes have left in a slot.
pub(crate) fn aborted_in(slot: &Path) -> impl Iterator<Item = Aborted> + use<> {
    aborted_folders(slot).filter_map(Aborted::at)
}

fn aborted_folders(slot: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folders = fs::read_dir(slot).into_iter().flatten().flatten().map(|folder| folder.path());
    folders.filter(|folder| last_seen(folder).is_some())
}

/// Returns the time at which a process was last seen, from the name of the folder it has left.
fn last_seen(folder: &Path) -> Option<Duration> {
    let (moment, _) = folder.file_name()?.to_str()?.strip_prefix(ABORTED)?.split_once('-')?;
    moment.parse().ok().map(Duration::from_nanos)
}

/// Returns the names of all spans in the journals of a folder, from live and dead processes of this user.
pub(crate) fn names_in(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let journals = slots_in(folder).flat_map(below).filter(|journal| {
        let name = journal.file_name();
        name == OPEN || name.to_string_lossy().starts_with(ABORTED)
    });
    journals
        .map(|journal| journal.path())
        .filter(|dir| is_ours(dir))
        .flat_map(|journal| names_at(&journal))
}

/// Returns `true` if a running process has recorded a span as open in its slot of a folder.
pub(crate) fn is_open_in(folder: &Path, name: &str) -> bool {
    let holds = |slot: &PathBuf| exists(&slot.join(OPEN).join(name)).unwrap_or_default();
    slots_in(folder).filter(holds).any(|slot| Slot::is_held(&slot))
}

/// Returns the records of the spans that running processes have recorded as open, in their slots of a folder.
pub(crate) fn open_records(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let open = slots_in(folder).filter(|slot| Slot::is_held(slot)).map(|slot| slot.join(OPEN));
    open.filter(|dir| is_ours(dir)).flat_map(below).map(|record| record.path())
}

/// Returns the slots of this user in a folder, held or not.
fn slots_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folder = Some(folder.to_owned()).filter(|dir| is_ours(dir));
    folder.into_iter().flat_map(below).map(|slot| slot.path()).filter(|dir| is_ours(dir))
}

fn is_ours(dir: &Path) -> bool {
    check_folder(dir).is_ok()
}

fn below(dir: PathBuf) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(dir).into_iter().flatten().flatten()
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

    /// Returns the path of a span's file, or of another file in this folder.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Removes all files of this process.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Returns `true` if a file name consists of a trace id and a span id.
fn is_span(name: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    name.split_once('-').is_some_and(|(trace, span)| is_hex(trace) && is_hex(span))
}
