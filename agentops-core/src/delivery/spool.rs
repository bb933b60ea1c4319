//! What waits on disk until the far side has it: each batch a file, the oldest first.
//!
//! ```text
//! worker ─append─▶ <folder>/<slot>/<number>-<spans>.otlp ─next─▶ sender ─▶ Transport
//! ```
//!
//! The number of spans is in the name, so that even a file that cannot be read is accounted for.

mod aborted;
mod segment;

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

pub(crate) use self::segment::{Label, Segment};
use super::{Complaint, Queue};
use crate::{
    config::SpoolSettings,
    exporter::Receipt,
    journal::{self, Journal, Slot, UNFINISHED, take_aborted, write_whole},
    private_files::hide_from_git,
};

/// More than this is no segment of ours.
const LONGEST_SEGMENT: u64 = 256 << 20;
/// What a file takes on disk is a multiple of it.
const BLOCK: u64 = 4096;
const EXTENSION: &str = ".otlp";

/// A file that waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiting {
    number: u64,
    pub(crate) spans: u64,
    bytes: u64,
    written: SystemTime,
}

/// The folder with what waits in it; the account of it is the queue's.
#[derive(Debug)]
pub(crate) struct Spool {
    settings: SpoolSettings,
    slot: Slot,
    journal: Journal,
    ledger: Arc<Queue>,
    complaint: Arc<Complaint>,
    state: Mutex<State>,
    /// The sender waits for it.
    work: Condvar,
    /// The shutdown waits for it.
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// For another endpoint.
    aside: VecDeque<Waiting>,
    bytes: u64,
    next: u64,
    sealed: bool,
    sender_is_gone: bool,
}

impl State {
    fn oldest(&mut self) -> Option<Waiting> {
        self.aside.pop_front().or_else(|| self.waiting.pop_front())
    }

    /// What must go, so that the rest keeps within the bounds.
    fn evict(&mut self, settings: &SpoolSettings) -> Vec<Waiting> {
        let is_old = |it: &Waiting| it.written.elapsed().is_ok_and(|age| age > settings.max_age);
        let mut evicted = Vec::new();
        while self.bytes > settings.max_bytes
            || self.aside.front().is_some_and(is_old)
            || self.waiting.front().is_some_and(is_old)
        {
            let Some(oldest) = self.oldest() else { break };
            self.bytes -= oldest.bytes;
            evicted.push(oldest);
        }
        evicted
    }
}

impl Spool {
    /// Whether a folder is a spool, whoever uses it.
    pub(crate) fn is_at(dir: &Path) -> bool {
        Slot::are_in(dir)
    }

    /// How many spans wait in a folder, whoever holds them.
    pub(crate) fn spans_at(dir: &Path) -> u64 {
        let places = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let files = places.filter_map(|place| files_in(&place).ok()).flatten();
        files.map(|file| file.spans).sum()
    }

    /// Takes a place in the folder, with what dead processes have left in it and in free ones.
    pub(crate) fn open(
        settings: SpoolSettings,
        ledger: Arc<Queue>,
        complaint: Arc<Complaint>,
    ) -> io::Result<Self> {
        let (slot, left) = Slot::take(&settings.dir)?;
        hide_from_git(&settings.dir).unwrap_or_else(|seen| complaint.of_gitignore(&seen));
        sweep(&slot.dir);
        let mut found = files_in(&slot.dir)?;
        let mut next = found.last().map_or(0, |file| file.number + 1);
        take_aborted(&slot, &slot)?;
        for left in left {
            for file in files_in(&left.dir)? {
                fs::rename(
                    path_of(&left.dir, &file),
                    path_of(&slot.dir, &Waiting { number: next, ..file }),
                )?;
                found.push(Waiting { number: next, ..file });
                next += 1;
            }
            take_aborted(&left, &slot)?;
        }
        ledger.recover(found.iter().map(|file| file.spans).sum());
        let bytes = found.iter().map(|file| file.bytes).sum();
        let state = State { waiting: found.into(), bytes, next, ..State::default() };
        let journal = Journal::in_slot(&slot);
        let (state, work, done) = (Mutex::new(state), Condvar::new(), Condvar::new());
        let spool = Self { settings, slot, journal, ledger, complaint, state, work, done };
        spool.evict();
        Ok(spool)
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.settings.dir
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request whose spans are on their way.
    pub(crate) fn append(&self, segment: &Segment) -> io::Result<()> {
        let kept =
            self.keep(segment).inspect_err(|error| self.complaint.of_spool(self.dir(), error))?;
        // Before anybody can send it: from here on its roots are known to have ended.
        self.end(&segment.label.roots);
        self.ledger.book_spooled(kept.spans);
        self.admit(kept);
        Ok(())
    }

    /// Notes that these roots need none made for them.
    pub(crate) fn end(&self, roots: &[String]) {
        roots.iter().for_each(|root| self.journal.end(root));
    }

    fn keep(&self, segment: &Segment) -> io::Result<Waiting> {
        let bytes = segment.encode().map_err(io::Error::other)?;
        let number = {
            let mut state = self.state();
            state.next += 1;
            state.next - 1
        };
        let (spans, written) = (segment.label.spans, SystemTime::now());
        let kept = Waiting { number, spans, bytes: on_disk(bytes.len() as u64), written };
        write_whole(&path_of(&self.slot.dir, &kept), &bytes)?;
        Ok(kept)
    }

    fn admit(&self, kept: Waiting) {
        let mut state = self.state();
        state.bytes += kept.bytes;
        state.waiting.push_back(kept);
        drop(state);
        self.work.notify_one();
        self.evict();
    }

    fn evict(&self) {
        let evicted = self.state().evict(&self.settings);
        if evicted.is_empty() {
            return;
        }
        for file in evicted {
            let _ = fs::remove_file(path_of(&self.slot.dir, &file));
            let reason = "the spool was full, or they were too old".to_owned();
            self.ledger.settle_spooled(file.spans, Err(reason));
        }
        self.book_aside();
    }

    /// Notes that a session has begun, with the root that it would have if the process died now.
    pub(crate) fn begin(&self, root: &Segment) {
        let name = root.label.roots.first().map_or("", String::as_str);
        let bytes = root.encode().map_err(io::Error::other);
        if let Err(error) = bytes.and_then(|bytes| self.journal.begin(name, &bytes)) {
            self.complaint.of_spool(self.dir(), &error);
        }
    }

    /// Gives the sessions of dead processes a root, if it is not known already.
    pub(crate) fn recover_sessions(&self) {
        let waiting: Vec<_> = self.state().waiting.iter().copied().collect();
        for aborted in journal::aborted_in(&self.slot.dir) {
            let ended =
                if aborted.names.is_empty() { Vec::new() } else { self.roots_among(&waiting) };
            for root in aborted::roots_of(&aborted, &ended) {
                if let Ok(kept) = self.keep(&root) {
                    self.ledger.recover(kept.spans);
                    self.admit(kept);
                }
            }
            aborted.forget();
        }
    }

    fn roots_among(&self, files: &[Waiting]) -> Vec<String> {
        let segments = files.iter().filter_map(|file| self.read(file).ok());
        segments.flat_map(|segment| segment.label.roots).collect()
    }

    /// Waits for the oldest; `None` when the spool is sealed and nothing waits any more.
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

    /// What a file holds; the error says what is wrong with it.
    pub(crate) fn read(&self, file: &Waiting) -> Result<Segment, String> {
        let path = path_of(&self.slot.dir, file);
        let damaged = |problem: String| format!("the file `{}`: {problem}", path.display());
        let bytes = read_bounded(&path).map_err(|error| damaged(error.to_string()))?;
        Segment::decode(bytes).map_err(|damage| damaged(damage.to_string()))
    }

    /// How many spans wait for each endpoint but this one.
    pub(crate) fn elsewhere(&self, endpoint: &str) -> BTreeMap<String, u64> {
        let waiting: Vec<_> = self.state().waiting.iter().copied().collect();
        let mut elsewhere = BTreeMap::new();
        for file in waiting {
            let label = File::open(path_of(&self.slot.dir, &file)).ok().and_then(Segment::peek);
            if let Some(label) = label.filter(|label| label.endpoint != endpoint) {
                *elsewhere.entry(label.endpoint).or_default() += file.spans;
            }
        }
        elsewhere
    }

    /// Books what became of a file's spans, and forgets it.
    pub(crate) fn settle(&self, file: &Waiting, result: Result<Receipt, String>) {
        let _ = fs::remove_file(path_of(&self.slot.dir, file));
        self.state().bytes -= file.bytes;
        self.ledger.settle_spooled(file.spans, result);
    }

    /// Leaves a file for whoever sends to its endpoint.
    pub(crate) fn set_aside(&self, file: Waiting) {
        self.state().aside.push_back(file);
        self.book_aside();
    }

    fn book_aside(&self) {
        let spans = self.state().aside.iter().map(|file| file.spans).sum();
        self.ledger.book_aside(spans);
    }

    /// Leaves a file for a later process.
    pub(crate) fn put_back(&self, file: Waiting) {
        self.state().waiting.push_front(file);
    }

    /// Nothing is kept any more: the sender ends when all is sent.
    pub(crate) fn seal(&self) {
        self.state().sealed = true;
        self.work.notify_one();
    }

    /// Lets the sender send what waits, until the deadline.
    pub(crate) fn close(&self, deadline: Instant) {
        self.seal();
        let patience = deadline.saturating_duration_since(Instant::now());
        let gone = |state: &mut State| !state.sender_is_gone;
        drop(self.done.wait_timeout_while(self.state(), patience, gone));
    }

    /// The sender's last word.
    pub(crate) fn sender_is_gone(&self) {
        self.state().sender_is_gone = true;
        self.done.notify_all();
    }
}

/// The segments in a folder, the oldest first.
fn files_in(dir: &Path) -> io::Result<Vec<Waiting>> {
    let mut files: Vec<_> = fs::read_dir(dir)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let (number, spans) = parse_name(entry.file_name().to_str()?)?;
            let metadata = entry.metadata().ok()?;
            let written = metadata.modified().ok()?;
            Some(Waiting { number, spans, bytes: on_disk(metadata.len()), written })
        })
        .collect();
    files.sort_by_key(|file| file.number);
    Ok(files)
}

/// Removes what a dead process was still writing.
fn sweep(dir: &Path) {
    let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|file| file.path());
    for unfinished in files.filter(|path| path.extension().is_some_and(|it| it == UNFINISHED)) {
        let _ = fs::remove_file(unfinished);
    }
}

fn path_of(dir: &Path, file: &Waiting) -> PathBuf {
    dir.join(format!("{:020}-{}{EXTENSION}", file.number, file.spans))
}

fn parse_name(name: &str) -> Option<(u64, u64)> {
    let (number, spans) = name.strip_suffix(EXTENSION)?.split_once('-')?;
    Some((number.parse().ok()?, spans.parse().ok()?))
}

fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK) * BLOCK
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_SEGMENT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(fuzzing)]
pub(super) fn fuzz_start(bytes: Vec<u8>) {
    let _ = aborted::ended_at(bytes, std::time::Duration::MAX);
}

#[cfg(test)]
mod tests;
