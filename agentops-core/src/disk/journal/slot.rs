//! Slot of a process in a shared folder: a numbered subfolder with a lock.
//!
//! The operating system releases the lock when the process ends, however it ends. A slot without a holder is taken
//! over with all its files.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    disk::private_files::{Unfit, exists, is_in_place, make_own_dir, open_to_append, open_to_read},
    process::fork,
};

/// Most processes that can share a folder.
const MOST: usize = 256;

/// Name of the lock file.
const LOCK: &str = "lock";

/// Folder that only this process writes to, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) dir: PathBuf,
    /// Time of the last change by an earlier holder.
    pub(super) last_used: SystemTime,
    lock: File,
}

impl Slot {
    /// Takes the first free slot, and all other slots that were left by dead processes.
    ///
    /// # Errors
    /// Returns an [`Unfit`] if the folder, a slot or its lock does not belong to this user alone: others may have
    /// chosen its contents then.
    pub(crate) fn acquire(folder: &Path) -> io::Result<(Self, Vec<Self>)> {
        make_own_dir(folder)?;
        let mut free = (0..MOST).map(|number| folder.join(number.to_string()));
        let mine = loop {
            let dir = free.next().ok_or_else(|| io::Error::other("all its places are taken"))?;
            if let Some(slot) = Self::try_hold(dir)? {
                break slot;
            }
        };
        let mut left = Vec::new();
        for dir in free {
            if !exists(&dir)? {
                continue;
            }
            match Self::try_hold(dir) {
                Ok(slot) => left.extend(slot),
                Err(error) if Unfit::of(&error).is_some() => return Err(error),
                // Left for a later process.
                Err(_) => {}
            }
        }
        Ok((mine, left))
    }

    /// Returns `true` if a folder has slots.
    pub(crate) fn has_slots(folder: &Path) -> bool {
        exists(&folder.join("0").join(LOCK)).unwrap_or_default()
    }

    /// Returns `true` if a running process holds the slot in a folder. A process that looks for a free slot at the same
    /// moment may pass over a free one.
    pub(crate) fn is_held(dir: &Path) -> bool {
        let Ok(lock) = open_to_read(&dir.join(LOCK)) else { return false };
        let is_held = matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
        // As in `drop`: a child that is being spawned has the file open, too.
        let _ = lock.unlock();
        is_held
    }

    fn try_hold(dir: PathBuf) -> io::Result<Option<Self>> {
        let last_used = fs::metadata(&dir).and_then(|metadata| metadata.modified());
        make_own_dir(&dir)?;
        let lock = open_to_append(&dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {
                // Otherwise a forked child that lives on would hold the lock of its dead parent.
                fork::register_locked(&lock);
                let last_used = last_used.unwrap_or_else(|_| SystemTime::now());
                Ok(Some(Self { dir, last_used, lock }).filter(Self::is_in_place))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Returns `true` if the slot still exists. Removing its folder gives the slot up.
    pub(crate) fn is_in_place(&self) -> bool {
        is_in_place(&self.lock, &self.dir.join(LOCK))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        fork::unregister_locked(&self.lock);
        // Unlocked explicitly, because a child that another thread is spawning has the file open until its `exec`.
        if !fork::is_child() {
            let _ = self.lock.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_drop_frees_despite_inherited_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (slot, _) = Slot::acquire(folder.path()).unwrap();
        let (dir, inherited) = (slot.dir.clone(), slot.lock.try_clone().unwrap());
        drop(slot);
        assert_eq!(Slot::acquire(folder.path()).unwrap().0.dir, dir);
        drop(inherited);
    }
}
