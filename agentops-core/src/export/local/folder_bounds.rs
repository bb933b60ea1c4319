//! Bounds of a folder of sessions: sessions that are too many, too large or too old are removed, oldest first.
//!
//! The newest session is never removed, nor one that is still open: one that this process has not ended, that
//! another process has recorded as open, that was written to within the last minute, or that has no end yet,
//! unless it has not been written to for a day. Of the sessions that ended within the last minute, only a limited
//! number is spared. Only regular files of this user with the name of a session are ever touched.

use std::{
    collections::HashSet,
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use opentelemetry::TraceId;

use super::{find_end::has_ended, open_ids::open_in, open_session::path_of};
use crate::{config::LocalSettings, disk::User};

/// Age below which a session may still be written to.
const FRESH: Duration = Duration::from_secs(60);
/// Maximum number and size of fresh sessions spared beyond a bound, so that a flood of them does not fill the disk.
const SPARED_SESSIONS: u64 = 1000;
const SPARED_BYTES: u64 = 64 << 20;
/// Age above which a session without an end is abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// Interval at which the folder is checked for age alone.
const SELDOM: Duration = Duration::from_secs(3600);
/// Maximum time of one check; the rest waits for the next one.
const LONGEST_LOOK: Duration = Duration::from_millis(500);
/// Divisor of the slack: a bound may be exceeded by this part of it before the folder is checked.
const SLACK: u64 = 16;

/// Keeps a folder within its bounds, with few scans of it.
#[derive(Debug)]
pub(super) struct Bounds {
    settings: LocalSettings,
    /// Sessions that this process has started to write and not ended.
    open: HashSet<TraceId>,
    next: Option<Next>,
}

/// Conditions of the next check: whichever is met first.
#[derive(Debug)]
struct Next {
    sessions: u64,
    bytes: u64,
    at: Instant,
}

/// Summary of what was written to one session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) trace: TraceId,
    pub(super) bytes: u64,
    pub(super) is_new: bool,
    pub(super) has_ended: bool,
}

/// File of a session.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    trace: TraceId,
    bytes: u64,
    written: SystemTime,
}

impl Bounds {
    pub(super) fn new(settings: LocalSettings) -> Self {
        Self { settings, open: HashSet::new(), next: None }
    }

    /// Records what was written.
    pub(super) fn note(&mut self, written: Written) {
        if written.is_new {
            self.open.insert(written.trace);
        }
        if written.has_ended {
            self.open.remove(&written.trace);
        }
        if let Some(next) = &mut self.next {
            next.sessions = next.sessions.saturating_sub(u64::from(written.is_new));
            next.bytes = next.bytes.saturating_sub(written.bytes);
        }
    }

    /// Returns `true` if this process has started to write a session and not ended it.
    pub(super) fn has_open(&self, trace: TraceId) -> bool {
        self.open.contains(&trace)
    }

    /// Checks the folder if a check is due.
    pub(super) fn keep(&mut self) {
        let is_due =
            |next: &Next| next.sessions == 0 || next.bytes == 0 || next.at <= Instant::now();
        if self.next.as_ref().is_none_or(is_due) && self.has_any() {
            self.look();
        }
    }

    fn has_any(&self) -> bool {
        let LocalSettings { max_sessions, max_bytes, max_age, .. } = &self.settings;
        max_sessions.is_some() || max_bytes.is_some() || max_age.is_some()
    }

    fn look(&mut self) {
        let began = Instant::now();
        let mut files = sessions_in(&self.settings.dir);
        files.sort_by(|one, other| (one.written, &one.path).cmp(&(other.written, &other.path)));
        let mut sessions = files.len() as u64;
        let mut bytes = files.iter().map(|file| file.bytes).sum();
        let mut is_behind = false;
        // The newest session is never removed.
        files.pop();
        let noted: HashSet<_> = open_in(&self.settings.dir).collect();
        for file in &files {
            if !self.is_too_much(file, sessions, bytes) {
                break;
            }
            let is_over = began.elapsed() > LONGEST_LOOK;
            let is_flood = self.is_flood(sessions, bytes);
            if is_over
                || noted.contains(&file.trace)
                || self.is_open(file, is_flood)
                || self.remove(file).is_err()
            {
                is_behind = true;
                if is_over {
                    break;
                }
            } else {
                sessions -= 1;
                bytes -= file.bytes;
            }
        }
        self.next = Some(self.next(sessions, bytes, is_behind));
    }

    fn remove(&self, file: &Kept) -> io::Result<()> {
        fs::remove_file(&file.path)?;
        // Left by a process that died, if its records were removed.
        let _ = fs::remove_file(path_of(&self.settings.dir, file.trace));
        // What `agentops view` has kept of it.
        let _ = fs::remove_file(file.path.with_extension("scores"));
        Ok(())
    }

    /// Returns `true` if a file is too old, or its folder too full.
    fn is_too_much(&self, file: &Kept, sessions: u64, bytes: u64) -> bool {
        let LocalSettings { max_sessions, max_bytes, max_age, .. } = self.settings;
        max_sessions.is_some_and(|most| sessions > most)
            || max_bytes.is_some_and(|most| bytes > most)
            || max_age.is_some_and(|most| file.age() > most)
    }

    /// Returns `true` if a bound is exceeded by so much that ended sessions are removed even if they are fresh.
    fn is_flood(&self, sessions: u64, bytes: u64) -> bool {
        let LocalSettings { max_sessions, max_bytes, .. } = self.settings;
        max_sessions.is_some_and(|most| sessions > most.saturating_add(SPARED_SESSIONS))
            || max_bytes.is_some_and(|most| bytes > most.saturating_add(SPARED_BYTES))
    }

    fn is_open(&self, file: &Kept, is_flood: bool) -> bool {
        let age = file.age();
        self.open.contains(&file.trace)
            || age < FRESH && !is_flood
            || age < ABANDONED && !has_ended(&file.path)
    }

    fn next(&self, sessions: u64, bytes: u64, is_behind: bool) -> Next {
        let left = |most: Option<u64>, has: u64| {
            most.map_or(u64::MAX, |most| most.saturating_sub(has) + (most / SLACK).max(1))
        };
        Next {
            sessions: left(self.settings.max_sessions, sessions),
            bytes: left(self.settings.max_bytes, bytes),
            at: Instant::now() + if is_behind { FRESH } else { SELDOM },
        }
    }
}

impl Kept {
    fn of(entry: &DirEntry, user: User) -> Option<Self> {
        let name = entry.file_name();
        let trace = trace_of(name.to_str()?)?;
        // Metadata of the entry itself, so that links are not followed.
        let metadata =
            entry.metadata().ok().filter(|metadata| metadata.is_file() && user.owns(metadata))?;
        let written = metadata.modified().ok()?;
        Some(Self { path: entry.path(), trace, bytes: metadata.len(), written })
    }

    /// Returns the time since the last write; zero if that is in the future.
    fn age(&self) -> Duration {
        self.written.elapsed().unwrap_or_default()
    }
}

fn sessions_in(dir: &Path) -> Vec<Kept> {
    let Ok(user) = User::current() else { return Vec::new() };
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| Kept::of(&entry, user)).collect()
}

/// Parses the trace id in the name of a session's file.
fn trace_of(name: &str) -> Option<TraceId> {
    let hex = name.strip_suffix(".jsonl")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_ours = hex.len() == 32 && hex.bytes().all(is_digit);
    TraceId::from_hex(hex).ok().filter(|_| is_ours)
}
