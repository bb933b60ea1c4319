//! Open spans of this process, recorded in its slot below the folder of sessions.

use std::{
    collections::{HashMap, HashSet},
    io, mem,
    path::{Path, PathBuf},
};

use opentelemetry::TraceId;

use super::{
    open_ids::{Id, places_in},
    open_session::{announce, retract},
};
use crate::disk::{
    Slot,
    journal::{Aborted, Journal, aborted_in, adopt_open_spans},
    private_files::read_within,
};

/// Name of the file that lists the traces being written.
const WRITING: &str = "writing";
/// Mark behind a trace in that list whose file is new.
const NEW: &str = " new";
/// Maximum size of that list; a batch has a few thousand traces at most, so a larger file is invalid.
const LONGEST_LIST: u64 = 4 << 20;

/// File to which a process was writing when it died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HalfWritten {
    pub(super) trace: TraceId,
    /// `true` if the file did not exist before.
    pub(super) is_new: bool,
}

impl HalfWritten {
    fn line(self) -> String {
        format!("{}{}", self.trace, if self.is_new { NEW } else { "" })
    }

    fn parse(line: &str) -> Option<Self> {
        let (trace, is_new) = line.strip_suffix(NEW).map_or((line, false), |trace| (trace, true));
        Some(Self { trace: TraceId::from_hex(trace).ok()?, is_new })
    }
}

/// Returns the files to which a process was writing when it died.
pub(super) fn half_written(aborted: &Aborted) -> Result<Vec<HalfWritten>, (PathBuf, io::Error)> {
    let path = aborted.path_of(WRITING);
    match read_within(&path, LONGEST_LIST) {
        Ok(list) => {
            let list = String::from_utf8_lossy(&list);
            Ok(list.lines().filter_map(HalfWritten::parse).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err((path, error)),
    }
}

/// Open spans, in memory and on disk, each as the line that would end it.
#[derive(Debug)]
pub(super) struct OpenSpans {
    sessions: PathBuf,
    held: Option<HeldSlot>,
    lines: HashMap<Id, Vec<u8>>,
    /// `true` if dead processes may have left open spans in this slot.
    pub(super) may_hold_others: bool,
}

/// Slot on disk with its journal, while this process holds it.
#[derive(Debug)]
struct HeldSlot {
    slot: Slot,
    journal: Journal,
    /// Roots of the sessions that this process has announced.
    announced: HashSet<Id>,
}

impl HeldSlot {
    /// Takes a slot, with what dead processes have left open in theirs.
    fn take(places: &Path) -> io::Result<Self> {
        let (slot, left) = Slot::acquire(places)?;
        adopt_open_spans(&slot, &slot)?;
        for left in left {
            adopt_open_spans(&left, &slot)?;
        }
        let journal = Journal::in_slot(&slot);
        Ok(Self { slot, journal, announced: HashSet::new() })
    }

    fn begin(&mut self, sessions: &Path, id: Id, line: &[u8]) -> io::Result<()> {
        self.journal.begin(&id.name(), line)?;
        self.announce(sessions, id, line)
    }

    fn announce(&mut self, sessions: &Path, id: Id, line: &[u8]) -> io::Result<()> {
        if announce(sessions, &self.slot, line)? {
            self.announced.insert(id);
        }
        Ok(())
    }

    fn end(&mut self, sessions: &Path, id: Id) {
        if self.announced.remove(&id) {
            retract(sessions, id);
        }
        self.journal.end(&id.name());
    }
}

impl OpenSpans {
    pub(super) fn below(sessions: &Path) -> Self {
        let may_hold_others = Slot::has_slots(&places_in(sessions));
        let sessions = sessions.to_owned();
        Self { sessions, held: None, lines: HashMap::new(), may_hold_others }
    }

    /// Records a span that has started.
    pub(super) fn begin(&mut self, id: Id, line: Vec<u8>) -> io::Result<()> {
        let line = self.lines.entry(id).insert_entry(line);
        match &mut self.held {
            Some(held) if held.slot.is_in_place() => held.begin(&self.sessions, id, line.get()),
            _ => self.settle(),
        }
    }

    /// Removes spans that have ended.
    pub(super) fn end(&mut self, ids: impl IntoIterator<Item = Id>) {
        for id in ids {
            if self.lines.remove(&id).is_some()
                && let Some(held) = &mut self.held
            {
                held.end(&self.sessions, id);
            }
        }
    }

    /// Records which files are being written. Nothing else is recorded of sessions that start and end in one batch.
    pub(super) fn begin_writing(
        &mut self,
        files: impl Iterator<Item = HalfWritten>,
    ) -> io::Result<()> {
        self.keep()?;
        let Some(HeldSlot { journal, .. }) = &self.held else { return Ok(()) };
        let files: Vec<_> = files.map(HalfWritten::line).collect();
        journal.begin(WRITING, files.join("\n").as_bytes())
    }

    pub(super) fn end_writing(&self) {
        if let Some(HeldSlot { journal, .. }) = &self.held {
            journal.end(WRITING);
        }
    }

    /// Ensures that the slot is held and the open spans are recorded there: its folder may have been removed.
    fn keep(&mut self) -> io::Result<()> {
        let is_in_place = self.held.as_ref().is_some_and(|held| held.slot.is_in_place());
        if is_in_place { Ok(()) } else { self.settle() }
    }

    /// Takes a slot, and records the open spans there.
    fn settle(&mut self) -> io::Result<()> {
        self.held = None;
        let mut held = HeldSlot::take(&places_in(&self.sessions))?;
        for (id, line) in &self.lines {
            held.journal.begin(&id.name(), line)?;
        }
        // The slot is of use even if a session cannot be announced.
        let announce = |(id, line): (&Id, &Vec<u8>)| held.announce(&self.sessions, *id, line);
        let announced = self.lines.iter().map(announce).fold(Ok(()), io::Result::and);
        self.held = Some(held);
        self.may_hold_others = true;
        announced
    }

    /// Returns the slot that holds what dead processes have left open; `None` if there is nothing. The caller must
    /// close it.
    pub(super) fn left_by_others(&mut self) -> io::Result<Option<&Slot>> {
        if !mem::take(&mut self.may_hold_others) {
            return Ok(None);
        }
        if self.held.is_none() {
            self.settle()?;
            self.may_hold_others = false;
        }
        let slot = self.held.as_ref().map(|held| &held.slot);
        Ok(slot.filter(|slot| aborted_in(&slot.dir).next().is_some()))
    }

    /// Returns all open spans by trace.
    pub(super) fn all(&self) -> HashMap<TraceId, Vec<(Id, Vec<u8>)>> {
        let mut traces: HashMap<_, Vec<_>> = HashMap::new();
        for (id, line) in &self.lines {
            traces.entry(id.0).or_default().push((*id, line.clone()));
        }
        traces
    }
}
