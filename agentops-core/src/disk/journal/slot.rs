//! A process's place in a folder that processes share: a numbered folder in it with a lock.
//!
//! The lock goes with the process, however that ends. A place that nobody holds is taken over with all that
//! is in it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    disk::private_files::{Unfit, exists, is_in_place, make_own_dir, open_to_append},
    process::fork,
};

/// As many processes may share a folder.
const MOST: usize = 256;

/// The name of the file with the lock.
const LOCK: &str = "lock";

/// A folder that only we write to, until this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) dir: PathBuf,
    /// When somebody last wrote to it before it became ours.
    pub(super) last_used: SystemTime,
    lock: File,
}

impl Slot {
    /// Takes the first free place, and every other one that a process has left.
    ///
    /// # Errors
    /// If the folder, a place in it or its lock is not ours alone, as an [`Unfit`]: then
    /// others may have chosen what is in it.
    pub(crate) fn take(folder: &Path) -> io::Result<(Self, Vec<Self>)> {
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
                // It waits for a later process.
                Err(_) => {}
            }
        }
        Ok((mine, left))
    }

    /// Whether a folder has places.
    pub(crate) fn are_in(folder: &Path) -> bool {
        exists(&folder.join("0").join(LOCK)).unwrap_or_default()
    }

    fn try_hold(dir: PathBuf) -> io::Result<Option<Self>> {
        let last_used = fs::metadata(&dir).and_then(|it| it.modified());
        make_own_dir(&dir)?;
        let lock = open_to_append(&dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {
                // A child of a fork that lives on would hold it for its dead parent.
                fork::leave_to_parent(&lock);
                let last_used = last_used.unwrap_or_else(|_| SystemTime::now());
                Ok(Some(Self { dir, last_used, lock }).filter(Self::is_in_place))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether it is still ours: who removes the folder gives the place away.
    pub(crate) fn is_in_place(&self) -> bool {
        is_in_place(&self.lock, &self.dir.join(LOCK))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        fork::is_gone(&self.lock);
        // A child that another thread is about to start has the file until it is another program.
        if !fork::is_child() {
            let _ = self.lock.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_let_go_is_free_although_a_child_still_has_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let (slot, _) = Slot::take(folder.path()).unwrap();
        let (dir, inherited) = (slot.dir.clone(), slot.lock.try_clone().unwrap());
        drop(slot);
        assert_eq!(Slot::take(folder.path()).unwrap().0.dir, dir);
        drop(inherited);
    }
}
