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

mod aborted;
mod file;
mod found;
mod segment;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use self::{
    file::Waiting,
    segment::{Label, PROTOBUF, Segment},
};

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Display,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use self::{
    file::{Listing, Name, on_disk, read_segment, spans_of},
    found::{Found, take, with_free_number},
    segment::Damage,
};
use crate::queue::{Complaint, Queue};
use crate::{
    config::{DeliveryFailure, Receipt, SpoolSettings},
    disk::{
        Slot,
        journal::{self, Aborted, Journal},
        private_files::{hide_from_git, open_to_read, rename_to_free, write_whole_new},
    },
    process::{Lock, presentable::shown},
};

/// A process's slot in the spool folder with its waiting files; their spans are accounted for by the queue.
#[derive(Debug)]
pub(crate) struct Spool {
    settings: SpoolSettings,
    slot: Slot,
    journal: Journal,
    ledger: Arc<Queue>,
    complaint: Arc<Complaint>,
    state: Lock<State>,
    /// Wakes the sender.
    work: Condvar,
    /// Wakes the shutdown.
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Files for another endpoint.
    aside: VecDeque<Waiting>,
    /// Number of spans in files that can be neither read nor removed at the moment.
    stuck: u64,
    /// Size of the files that wait or are set aside.
    bytes: u64,
    next: u64,
    sealed: bool,
    sender_is_gone: bool,
}

/// Error of a file that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Its spans are lost.
    Lost(String),
    /// It exists, and may be readable later.
    Hindered(String),
}

impl Unread {
    fn of_error(path: &Path, error: &io::Error) -> Self {
        let problem = of_file(path, error);
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::FileTooLarge => Self::Lost(problem),
            _ => Self::Hindered(problem),
        }
    }

    fn of_damage(path: &Path, damage: Damage) -> Self {
        Self::Lost(of_file(path, &damage))
    }
}

fn of_file(path: &Path, problem: &dyn Display) -> String {
    format!("the file `{}`: {problem}", shown(path))
}

impl State {
    fn oldest(&mut self) -> Option<Waiting> {
        self.aside.pop_front().or_else(|| self.waiting.pop_front())
    }

    /// Removes and returns the files that exceed the bounds, oldest first.
    fn evict(&mut self, settings: &SpoolSettings) -> Vec<Waiting> {
        let is_old = |it: &Waiting| it.written.elapsed().is_ok_and(|age| age > settings.max_age);
        let mut evicted = Vec::new();
        while self.bytes > settings.max_bytes
            || self.aside.front().is_some_and(is_old)
            || self.waiting.front().is_some_and(is_old)
        {
            let Some(oldest) = self.oldest() else { break };
            self.forget(&oldest);
            evicted.push(oldest);
        }
        evicted
    }

    fn admit(&mut self, file: Waiting) {
        self.bytes = self.bytes.saturating_add(file.bytes);
        self.waiting.push_back(file);
    }

    fn forget(&mut self, file: &Waiting) {
        self.bytes = self.bytes.saturating_sub(file.bytes);
    }
}

impl Spool {
    /// Returns `true` if a folder is a spool, of any process.
    pub(crate) fn is_at(dir: &Path) -> bool {
        Slot::has_slots(dir)
    }

    /// Returns the number of spans that wait in a folder, of all processes.
    pub(crate) fn spans_at(dir: &Path) -> u64 {
        let places = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let listings = places.filter_map(|place| Listing::of(&place).ok());
        listings.fold(0, |sum, listing| sum.saturating_add(spans_of(&listing.files)))
    }

    /// Takes a slot in the folder, with the files that dead processes have left in it and in free ones. Nothing is
    /// booked before all of that has succeeded.
    pub(crate) fn open(
        settings: SpoolSettings,
        ledger: Arc<Queue>,
        complaint: Arc<Complaint>,
    ) -> io::Result<Self> {
        let (slot, left) = Slot::acquire(&settings.dir)?;
        hide_from_git(&settings.dir).unwrap_or_else(|seen| complaint.of_gitignore(&seen));
        let mut found = Found::in_place(&slot)?;
        for left in left {
            if let Err(error) = found.take_over(&left, &slot) {
                complaint.of_left(&left.dir, &error);
            }
        }
        let journal = Journal::in_slot(&slot);
        let state = Lock::new(State { next: found.next, ..State::default() });
        let (work, done) = (Condvar::new(), Condvar::new());
        let spool = Self { settings, slot, journal, ledger, complaint, state, work, done };
        spool.recover(found);
        Ok(spool)
    }

    fn recover(&self, Found { files, strangers, .. }: Found) {
        self.complaint.of_strangers(self.dir(), strangers);
        self.ledger.recover(spans_of(&files));
        for file in files {
            // An unreadable file must not evict intact ones.
            if file.is_too_long() {
                let damage = of_file(&self.path_of(&file), &Damage::Length);
                self.complaint.of_damage(&damage);
                self.lose(&file, DeliveryFailure::Spool(damage));
            } else {
                self.state().admit(file);
            }
        }
        self.evict();
    }

    /// Returns the folder of the spool.
    pub(crate) fn dir(&self) -> &Path {
        &self.settings.dir
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Writes a batch in flight to disk.
    pub(crate) fn append(&self, segment: &Segment) -> io::Result<()> {
        let kept =
            self.keep(segment).inspect_err(|error| self.complaint.of_spool(self.dir(), error))?;
        // Done before the sender sees the file: from here on its roots are known to have ended.
        self.end(&segment.label.roots);
        self.ledger.book_spooled(kept.spans());
        self.admit(kept);
        Ok(())
    }

    /// Marks roots as ended, so that no aborted root is made for them.
    pub(crate) fn end(&self, roots: &[String]) {
        roots.iter().for_each(|root| self.journal.end(root));
    }

    fn keep(&self, segment: &Segment) -> io::Result<Waiting> {
        let unfit = |damage| io::Error::other(format!("a batch cannot be kept: {damage}"));
        let bytes = segment.encode().map_err(unfit)?;
        let (spans, length) = (segment.label.spans, bytes.len() as u64);
        let named = |number| Waiting {
            name: Name { number, spans },
            bytes: on_disk(length),
            written: SystemTime::now(),
        };
        let write = |number| write_whole_new(&self.path_of(&named(number)), &bytes);
        with_free_number(|| self.number(), write).map(named)
    }

    /// Returns a number that no file of this process has.
    fn number(&self) -> u64 {
        take(&mut self.state().next)
    }

    fn admit(&self, kept: Waiting) {
        self.state().admit(kept);
        self.work.notify_one();
        self.evict();
    }

    fn evict(&self) {
        let evicted = self.state().evict(&self.settings);
        if evicted.is_empty() {
            return;
        }
        for file in evicted {
            let reason = "the spool was full, or they were too old".to_owned();
            self.lose(&file, DeliveryFailure::Spool(reason));
        }
        self.book_aside();
    }

    /// Records the start of a session, with the root that it would have if the process died now.
    pub(crate) fn begin(&self, root: &Segment) {
        let name = root.label.roots.first().map_or("", String::as_str);
        let bytes = root.encode().map_err(io::Error::other);
        if let Err(error) = bytes.and_then(|bytes| self.journal.begin(name, &bytes)) {
            self.complaint.of_spool(self.dir(), &error);
        }
    }

    /// Gives each session of a dead process a root, unless one is on disk already.
    pub(crate) fn recover_sessions(&self) {
        let waiting: Vec<_> = self.state().waiting.iter().copied().collect();
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
        match aborted::root_of(aborted, name) {
            Ok(root) => match self.keep(&root) {
                Ok(kept) => {
                    self.ledger.recover(kept.spans());
                    self.admit(kept);
                }
                Err(error) => {
                    self.complaint.of_spool(self.dir(), &error);
                    return false;
                }
            },
            Err(Unread::Lost(damage)) => {
                self.complaint.of_damage(&damage);
                self.ledger.recover(1);
                self.ledger.settle_spooled(1, Err(DeliveryFailure::Spool(damage)));
            }
            Err(Unread::Hindered(hindrance)) => {
                self.complaint.of_hindrance(&hindrance);
                return false;
            }
        }
        true
    }

    fn roots_among(&self, files: &[Waiting]) -> Vec<String> {
        let segments = files.iter().filter_map(|file| self.read(file).ok());
        segments.flat_map(|segment| segment.label.roots).collect()
    }

    /// Waits for the oldest file; returns `None` once the spool is sealed and empty.
    pub(crate) fn next(&self) -> Option<Waiting> {
        let mut state = self.state();
        loop {
            if let Some(oldest) = state.waiting.pop_front() {
                return Some(oldest);
            }
            if state.sealed {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads a file.
    pub(crate) fn read(&self, file: &Waiting) -> Result<Segment, Unread> {
        let path = self.path_of(file);
        let bytes = read_segment(&path).map_err(|error| Unread::of_error(&path, &error))?;
        Segment::decode(bytes).map_err(|damage| Unread::of_damage(&path, damage))
    }

    /// Reads a file for sending. From here on, it is named and booked by its actual number of spans.
    pub(crate) fn open_file(&self, file: Waiting) -> Result<(Waiting, Segment), Unread> {
        let (segment, path) = (self.read(&file)?, self.path_of(&file));
        let held = segment.count().map_err(|damage| Unread::of_damage(&path, damage))?;
        let (named, labelled) = (file.spans(), segment.label.spans);
        if [named, labelled] == [held; 2] {
            return Ok((file, segment));
        }
        let said = format_args!(
            "it holds {held} spans, where its name says {named} and its label {labelled}"
        );
        let said = of_file(&path, &said);
        self.complaint.of_mismatch(&said);
        let renamed = self.rename(file, held).map_err(|error| Unread::of_error(&path, &error))?;
        match held.checked_sub(named) {
            Some(more) => self.ledger.recover(more),
            None => self
                .ledger
                .settle_spooled(named.saturating_sub(held), Err(DeliveryFailure::Spool(said))),
        }
        Ok((renamed, segment))
    }

    /// Renames a file to its actual number of spans, so that later processes do not find a mismatch again.
    fn rename(&self, file: Waiting, spans: u64) -> io::Result<Waiting> {
        if file.spans() == spans {
            return Ok(file);
        }
        let mut own = Some(file.name.number);
        let from = self.path_of(&file);
        let named = |number| Waiting { name: Name { number, spans }, ..file };
        with_free_number(
            || own.take().unwrap_or_else(|| self.number()),
            |number| rename_to_free(&from, &self.path_of(&named(number))),
        )
        .map(named)
    }

    fn path_of(&self, file: &Waiting) -> PathBuf {
        file.path_in(&self.slot.dir)
    }

    /// Returns the number of spans that wait for each other endpoint.
    pub(crate) fn elsewhere(&self, endpoint: &str) -> BTreeMap<String, u64> {
        let waiting: Vec<_> = self.state().waiting.iter().copied().collect();
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
    pub(crate) fn settle(&self, file: &Waiting, receipt: Receipt) {
        self.state().forget(file);
        if let Err(error) = self.remove(file) {
            // The file stays and will be sent again by a later process.
            self.complaint.of_spool(self.dir(), &error);
        }
        self.ledger.settle_spooled(file.spans(), Ok(receipt));
    }

    /// Books a file's spans as lost permanently, and forgets the file.
    pub(crate) fn give_up(&self, file: &Waiting, reason: DeliveryFailure) {
        self.state().forget(file);
        self.lose(file, reason);
    }

    /// Removes a file and books its spans as lost. If it cannot be removed, it is not booked: later processes
    /// would find it and count it again.
    fn lose(&self, file: &Waiting, reason: DeliveryFailure) {
        match self.remove(file) {
            Ok(()) => self.ledger.settle_spooled(file.spans(), Err(reason)),
            Err(error) => {
                self.complaint.of_spool(self.dir(), &error);
                self.stick(file);
            }
        }
    }

    /// Removes a file, if it exists.
    fn remove(&self, file: &Waiting) -> io::Result<()> {
        match fs::remove_file(self.path_of(file)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Leaves a file that cannot be read at the moment for a later process.
    pub(crate) fn leave(&self, file: &Waiting) {
        self.state().forget(file);
        self.stick(file);
    }

    fn stick(&self, file: &Waiting) {
        {
            let mut state = self.state();
            state.stuck = state.stuck.saturating_add(file.spans());
        }
        self.book_aside();
    }

    /// Leaves a file for a process that sends to its endpoint.
    pub(crate) fn set_aside(&self, file: Waiting) {
        self.state().aside.push_back(file);
        self.book_aside();
    }

    /// Books the spans that are set aside or stuck, for which flushes do not wait.
    fn book_aside(&self) {
        let spans = {
            let state = self.state();
            let aside = state.aside.iter().map(Waiting::spans);
            aside.fold(state.stuck, u64::saturating_add)
        };
        self.ledger.book_aside(spans);
    }

    /// Leaves a file for a later process.
    pub(crate) fn put_back(&self, file: Waiting) {
        self.state().waiting.push_front(file);
    }

    /// Seals the spool: no more files are added, and the sender ends when all are sent.
    pub(crate) fn seal(&self) {
        self.state().sealed = true;
        self.work.notify_one();
    }

    /// Seals the spool and lets the sender send the remaining files until the deadline.
    pub(crate) fn close(&self, deadline: Instant) {
        self.seal();
        let patience = deadline.saturating_duration_since(Instant::now());
        let gone = |state: &mut State| !state.sender_is_gone;
        drop(self.done.wait_timeout_while(self.state(), patience, gone));
    }

    /// Marks the sender as gone, as its last act.
    pub(crate) fn sender_is_gone(&self) {
        self.state().sender_is_gone = true;
        self.done.notify_all();
    }
}

/// Reads a file as a batch and as the start of a session, for the fuzzer.
#[cfg(fuzzing)]
pub(crate) fn fuzz_segment(bytes: Vec<u8>) {
    let _ = aborted::ended_at(bytes.clone(), std::time::Duration::MAX);
    if let Ok(segment) = Segment::decode(bytes) {
        let _ = segment.label.headers();
        assert!(segment.count().unwrap_or(0) <= segment.body.len() as u64);
        assert_eq!(segment.encode().and_then(Segment::decode).as_ref(), Ok(&segment));
    }
}
