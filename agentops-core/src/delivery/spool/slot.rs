//! A process's place in the spool's folder: a numbered folder with a lock, so that any number of processes
//! may share the spool.
//!
//! The lock goes with the process, however that ends. A place that nobody holds is taken over with all that
//! is in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::private_files::{make_private_dir, open_private};

/// As many processes may share a folder.
const MOST: usize = 256;

/// A folder that only we write to, until this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(super) dir: PathBuf,
    /// When somebody last wrote to it before it became ours.
    pub(super) last_used: SystemTime,
    _lock: File,
}

impl Slot {
    /// Takes the first free place, and every other one that a process has left.
    pub(super) fn take(spool: &Path) -> io::Result<(Self, Vec<Self>)> {
        make_private_dir(spool)?;
        let mut free = (0..MOST).map(|number| spool.join(number.to_string()));
        let mine = loop {
            let dir = free.next().ok_or_else(|| io::Error::other("all its places are taken"))?;
            if let Some(slot) = Self::try_hold(dir)? {
                break slot;
            }
        };
        let left = free.filter(|dir| dir.is_dir()).filter_map(|dir| Self::try_hold(dir).ok()?);
        let left = left.collect();
        Ok((mine, left))
    }

    fn try_hold(dir: PathBuf) -> io::Result<Option<Self>> {
        let last_used = fs::metadata(&dir).and_then(|it| it.modified());
        make_private_dir(&dir)?;
        let lock = open_private(OpenOptions::new().write(true).create(true), &dir.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {
                let last_used = last_used.unwrap_or_else(|_| SystemTime::now());
                Ok(Some(Self { dir, last_used, _lock: lock }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
