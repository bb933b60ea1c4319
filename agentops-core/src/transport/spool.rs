//! Spool: batches on disk until the endpoint accepts them, one file for each, sent oldest first.
//!
//! ```text
//! worker ─append─▶ <folder>/<slot>/<number>-<spans>.otlp ─next─▶ sender ─▶ Transport
//! ```
//!
//! The number of spans is in the file name, so that even an unreadable file is accounted for: until a file is
//! opened, its spans are booked as `recovered` and `spooled` by its name. Then its content counts: the spans in
//! the body or, if that is compressed, the number in its label. Spans beyond the number in the name are booked as
//! `recovered` and `spooled`, missing ones as `failed`. In both cases the file is renamed first, so that for a
//! later process name and content agree and nothing is counted twice.
//!
//! | a file | its spans |
//! |---|---|
//! | torn, too long, or with an impossible label | `failed`, by its name; it is removed |
//! | that cannot be opened, renamed or removed at the moment | stay `spooled`; it is left to a later process |
//! | named otherwise, not a regular file, another user's, a link | are not counted; it is left alone, with a warning |
//!
//! Numbers are bounded: spans by the maximum size of a file, positions in the order by 2^63. No file is written or
//! renamed over another one.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod aborted_sessions;
mod found_files;
mod otlp_scan;
mod segment;
mod spool_file;
#[cfg(test)]
mod tests;
mod unread_file;
mod waiting_files;

pub(crate) use self::{
    segment::{Label, PROTOBUF, Segment},
    spool_file::SpoolFile,
    unread_file::UnreadFile,
};

use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use self::{
    found_files::{FoundFiles, next_number, with_free_number},
    segment::SegmentDamage,
    spool_file::{FileName, FolderListing, on_disk, read_segment, spans_of},
    unread_file::of_file,
    waiting_files::WaitingFiles,
};
use crate::{
    config::{DeliveryFailure, Receipt, SpoolSettings},
    disk::{
        Slot,
        journal::{self, Aborted, Journal},
        private_files::{
            git_warning, hide_from_git, open_to_read, rename_to_free, write_whole_new,
        },
    },
    process::Lock,
    queue::{DeliveryTrouble, DeliveryWarnings, SpoolLedger},
};

/// A process's slot in the spool folder with its waiting files; their spans are accounted for by the queue.
#[derive(Debug)]
pub(crate) struct Spool {
    settings: SpoolSettings,
    slot: Slot,
    journal: Journal,
    ledger: Arc<dyn SpoolLedger>,
    warnings: Arc<DeliveryWarnings>,
    files: Lock<WaitingFiles>,
    /// Wakes the sender.
    work: Condvar,
    /// Wakes the shutdown.
    done: Condvar,
}

impl Spool {
    /// Returns `true` if a folder is a spool, of any process.
    pub(crate) fn is_at(dir: &Path) -> bool {
        Slot::has_slots(dir)
    }

    /// Returns the number of spans that wait in a folder, of all processes.
    pub(crate) fn spans_at(dir: &Path) -> u64 {
        let places = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let listings = places.filter_map(|place| FolderListing::of(&place).ok());
        listings.fold(0, |sum, listing| sum.saturating_add(spans_of(&listing.files)))
    }

    /// Takes a slot in the folder, with the files that dead processes have left in it and in free ones. Nothing is
    /// booked before all of that has succeeded.
    pub(crate) fn open(
        settings: SpoolSettings,
        ledger: Arc<dyn SpoolLedger>,
        warnings: Arc<DeliveryWarnings>,
    ) -> io::Result<Self> {
        let (slot, left) = Slot::acquire(&settings.dir)?;
        let seen = hide_from_git(&settings.dir).err();
        if let Some(warning) = seen.and_then(|seen| git_warning(&seen)) {
            warnings.warn_once(DeliveryTrouble::Git(&warning));
        }
        let mut found = FoundFiles::in_place(&slot)?;
        for left in left {
            if let Err(error) = found.take_over(&left, &slot) {
                warnings.warn_once(DeliveryTrouble::LeftBehind(&left.dir, &error));
            }
        }
        let journal = Journal::in_slot(&slot);
        let files = Lock::new(WaitingFiles::from_number(found.next));
        let (work, done) = (Condvar::new(), Condvar::new());
        let spool = Self { settings, slot, journal, ledger, warnings, files, work, done };
        spool.recover(found);
        Ok(spool)
    }

    fn recover(&self, FoundFiles { files, strangers, .. }: FoundFiles) {
        if strangers > 0 {
            self.warnings.warn_once(DeliveryTrouble::Strangers(self.dir(), strangers));
        }
        self.ledger.book_recovered(spans_of(&files));
        for file in files {
            // An unreadable file must not evict intact ones.
            if file.is_too_long() {
                let damage = of_file(&self.path_of(&file), &SegmentDamage::Length);
                self.warnings.warn_once(DeliveryTrouble::Damage(&damage));
                self.remove_as_lost(&file, DeliveryFailure::Spool(damage));
            } else {
                self.files().admit(file);
            }
        }
        self.evict();
    }

    /// Returns the folder of the spool.
    pub(crate) fn dir(&self) -> &Path {
        &self.settings.dir
    }

    fn files(&self) -> MutexGuard<'_, WaitingFiles> {
        self.files.lock()
    }

    /// Writes a batch in flight to disk.
    pub(crate) fn append(&self, segment: &Segment) -> io::Result<()> {
        let kept = self.write(segment).inspect_err(|error| {
            self.warnings.warn_once(DeliveryTrouble::Spool(self.dir(), error));
        })?;
        // Done before the sender sees the file: from here on its roots are known to have ended.
        self.mark_ended(&segment.label.roots);
        self.ledger.book_spooled(kept.spans());
        self.admit(kept);
        Ok(())
    }

    /// Marks roots as ended, so that no aborted root is made for them.
    pub(crate) fn mark_ended(&self, roots: &[String]) {
        roots.iter().for_each(|root| self.journal.end(root));
    }

    fn write(&self, segment: &Segment) -> io::Result<SpoolFile> {
        let unfit = |damage| io::Error::other(format!("a batch cannot be kept: {damage}"));
        let bytes = segment.encode().map_err(unfit)?;
        let (spans, length) = (segment.label.spans, bytes.len() as u64);
        let named = |number| SpoolFile {
            name: FileName { number, spans },
            bytes: on_disk(length),
            written: SystemTime::now(),
        };
        let write = |number| write_whole_new(&self.path_of(&named(number)), &bytes);
        with_free_number(|| self.free_number(), write).map(named)
    }

    /// Returns a number that no file of this process has.
    fn free_number(&self) -> u64 {
        next_number(&mut self.files().next)
    }

    fn admit(&self, kept: SpoolFile) {
        self.files().admit(kept);
        self.work.notify_one();
        self.evict();
    }

    fn evict(&self) {
        let evicted = self.files().evict(&self.settings);
        if evicted.is_empty() {
            return;
        }
        for file in evicted {
            let reason = "the spool was full, or they were too old".to_owned();
            self.remove_as_lost(&file, DeliveryFailure::Spool(reason));
        }
        self.book_aside();
    }

    /// Records the start of a session, with the root that it would have if the process died now.
    pub(crate) fn record_start(&self, root: &Segment) {
        let name = root.label.roots.first().map_or("", String::as_str);
        let bytes = root.encode().map_err(io::Error::other);
        if let Err(error) = bytes.and_then(|bytes| self.journal.begin(name, &bytes)) {
            self.warnings.warn_once(DeliveryTrouble::Spool(self.dir(), &error));
        }
    }

    /// Gives each session of a dead process a root, unless one is on disk already.
    pub(crate) fn recover_sessions(&self) {
        let waiting: Vec<_> = self.files().waiting.iter().copied().collect();
        for aborted in journal::aborted_in(&self.slot.dir) {
            let ended =
                if aborted.names.is_empty() { Vec::new() } else { self.roots_among(&waiting) };
            let mut are_done = true;
            for root in &aborted.names {
                if ended.contains(root) || self.recover_root(&aborted, root) {
                    // Removed at once, so that it is not done again, even if others fail.
                    let _ = fs::remove_file(aborted.path_of(root));
                } else {
                    are_done = false;
                }
            }
            if are_done {
                aborted.remove();
            }
        }
    }

    /// Writes the root of a session whose process died. A damaged one is counted as a lost span. Returns `false`
    /// if a later process must try again.
    fn recover_root(&self, aborted: &Aborted, name: &str) -> bool {
        match aborted_sessions::root_of(aborted, name) {
            Ok(root) => match self.write(&root) {
                Ok(kept) => {
                    self.ledger.book_recovered(kept.spans());
                    self.admit(kept);
                }
                Err(error) => {
                    self.warnings.warn_once(DeliveryTrouble::Spool(self.dir(), &error));
                    return false;
                }
            },
            Err(UnreadFile::Lost(damage)) => {
                self.warnings.warn_once(DeliveryTrouble::Damage(&damage));
                self.ledger.book_recovered(1);
                self.ledger.book_spooled_result(1, Err(DeliveryFailure::Spool(damage)));
            }
            Err(UnreadFile::Hindered(hindrance)) => {
                self.warnings.warn_once(DeliveryTrouble::Hindrance(&hindrance));
                return false;
            }
        }
        true
    }

    fn roots_among(&self, files: &[SpoolFile]) -> Vec<String> {
        let segments = files.iter().filter_map(|file| self.read(file).ok());
        segments.flat_map(|segment| segment.label.roots).collect()
    }

    /// Waits for the oldest file; returns `None` once the spool is sealed and empty.
    pub(crate) fn next_file(&self) -> Option<SpoolFile> {
        let mut files = self.files();
        loop {
            if let Some(oldest) = files.waiting.pop_front() {
                return Some(oldest);
            }
            if files.sealed {
                return None;
            }
            files = self.work.wait(files).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads a file.
    pub(crate) fn read(&self, file: &SpoolFile) -> Result<Segment, UnreadFile> {
        let path = self.path_of(file);
        let bytes = read_segment(&path).map_err(|error| UnreadFile::of_error(&path, &error))?;
        Segment::decode(bytes).map_err(|damage| UnreadFile::of_damage(&path, damage))
    }

    /// Reads a file for sending. From here on, it is named and booked by its actual number of spans.
    pub(crate) fn open_file(&self, file: SpoolFile) -> Result<(SpoolFile, Segment), UnreadFile> {
        let (segment, path) = (self.read(&file)?, self.path_of(&file));
        let held = segment.count().map_err(|damage| UnreadFile::of_damage(&path, damage))?;
        let (named, labelled) = (file.spans(), segment.label.spans);
        if [named, labelled] == [held; 2] {
            return Ok((file, segment));
        }
        let said = format_args!(
            "it holds {held} spans, where its name says {named} and its label {labelled}"
        );
        let said = of_file(&path, &said);
        self.warnings.warn_once(DeliveryTrouble::Mismatch(&said));
        let renamed =
            self.rename(file, held).map_err(|error| UnreadFile::of_error(&path, &error))?;
        match held.checked_sub(named) {
            Some(more) => self.ledger.book_recovered(more),
            None => self
                .ledger
                .book_spooled_result(named.saturating_sub(held), Err(DeliveryFailure::Spool(said))),
        }
        Ok((renamed, segment))
    }

    /// Renames a file to its actual number of spans, so that later processes do not find a mismatch again.
    fn rename(&self, file: SpoolFile, spans: u64) -> io::Result<SpoolFile> {
        if file.spans() == spans {
            return Ok(file);
        }
        let mut own = Some(file.name.number);
        let from = self.path_of(&file);
        let named = |number| SpoolFile { name: FileName { number, spans }, ..file };
        with_free_number(
            || own.take().unwrap_or_else(|| self.free_number()),
            |number| rename_to_free(&from, &self.path_of(&named(number))),
        )
        .map(named)
    }

    fn path_of(&self, file: &SpoolFile) -> PathBuf {
        file.path_in(&self.slot.dir)
    }

    /// Returns the number of spans that wait for each other endpoint.
    pub(crate) fn spans_for_others(&self, endpoint: &str) -> BTreeMap<String, u64> {
        let waiting: Vec<_> = self.files().waiting.iter().copied().collect();
        let mut elsewhere = BTreeMap::<_, u64>::new();
        for file in waiting {
            let label = open_to_read(&self.path_of(&file)).ok().and_then(Segment::peek);
            if let Some(label) = label.filter(|label| label.endpoint != endpoint) {
                let spans = elsewhere.entry(label.endpoint).or_default();
                *spans = spans.saturating_add(file.spans());
            }
        }
        elsewhere
    }

    /// Books the result of a file's spans, and forgets the file.
    pub(crate) fn settle(&self, file: &SpoolFile, result: Result<Receipt, DeliveryFailure>) {
        self.files().forget(file);
        let receipt = match result {
            Ok(receipt) => receipt,
            Err(failure) => return self.remove_as_lost(file, failure),
        };
        if let Err(error) = self.remove(file) {
            // The file stays and will be sent again by a later process.
            self.warnings.warn_once(DeliveryTrouble::Spool(self.dir(), &error));
        }
        self.ledger.book_spooled_result(file.spans(), Ok(receipt));
    }

    /// Removes a file and books its spans as lost. If it cannot be removed, it is not booked: later processes
    /// would find it and count it again.
    fn remove_as_lost(&self, file: &SpoolFile, reason: DeliveryFailure) {
        match self.remove(file) {
            Ok(()) => self.ledger.book_spooled_result(file.spans(), Err(reason)),
            Err(error) => {
                self.warnings.warn_once(DeliveryTrouble::Spool(self.dir(), &error));
                self.book_stuck(file);
            }
        }
    }

    /// Removes a file, if it exists.
    fn remove(&self, file: &SpoolFile) -> io::Result<()> {
        match fs::remove_file(self.path_of(file)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Leaves a file that cannot be read at the moment for a later process.
    pub(crate) fn leave_for_later(&self, file: &SpoolFile) {
        self.files().forget(file);
        self.book_stuck(file);
    }

    fn book_stuck(&self, file: &SpoolFile) {
        {
            let mut files = self.files();
            files.stuck = files.stuck.saturating_add(file.spans());
        }
        self.book_aside();
    }

    /// Leaves a file for a process that sends to its endpoint.
    pub(crate) fn set_aside(&self, file: SpoolFile) {
        self.files().aside.push_back(file);
        self.book_aside();
    }

    /// Books the spans that are set aside or stuck, for which flushes do not wait.
    fn book_aside(&self) {
        let spans = {
            let files = self.files();
            let aside = files.aside.iter().map(SpoolFile::spans);
            aside.fold(files.stuck, u64::saturating_add)
        };
        self.ledger.book_aside(spans);
    }

    /// Leaves a file for a later process.
    pub(crate) fn put_back(&self, file: SpoolFile) {
        self.files().waiting.push_front(file);
    }

    /// Seals the spool: no more files are added, and the sender ends when all are sent.
    pub(crate) fn seal(&self) {
        self.files().sealed = true;
        self.work.notify_one();
    }

    /// Seals the spool and lets the sender send the remaining files until the deadline.
    pub(crate) fn close(&self, deadline: Instant) {
        self.seal();
        let patience = deadline.saturating_duration_since(Instant::now());
        let gone = |files: &mut WaitingFiles| !files.sender_is_gone;
        drop(self.done.wait_timeout_while(self.files(), patience, gone));
    }

    /// Marks the sender as gone, as its last act.
    pub(crate) fn sender_is_gone(&self) {
        self.files().sender_is_gone = true;
        self.done.notify_all();
    }
}

/// Reads a file as a batch and as the start of a session, for the fuzzer.
#[cfg(fuzzing)]
pub(crate) fn fuzz_segment(bytes: Vec<u8>) {
    let _ = aborted_sessions::ended_at(bytes.clone(), std::time::Duration::MAX);
    if let Ok(segment) = Segment::decode(bytes) {
        let _ = segment.label.headers();
        assert!(segment.count().unwrap_or(0) <= segment.body.len() as u64);
        assert_eq!(segment.encode().and_then(Segment::decode).as_ref(), Ok(&segment));
    }
}
