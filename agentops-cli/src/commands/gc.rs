//! Command `agentops gc`: removes old sessions.

use std::collections::BTreeSet;

use clap::Args;

use super::{
    Failure, Outcome, StoreArgs,
    arguments::parse_size,
    cells::{counted, print_faults},
    session_table::print_sessions,
};
use crate::{
    store::{SessionList, SessionState, SessionSummary, Store, StoreError},
    terminal::{Screen, Style, bytes, wrap},
};

/// Nanoseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;
/// Most removed sessions that are printed.
const MOST_PRINTED: usize = 20;

/// Remove old sessions, the oldest first.
///
/// A session that runs is kept, and so is one without an end of which nothing tells whether it runs, as long as its file
/// was written within a day. Files that cannot be read are kept, too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops gc --keep-days 30 --dry-run        what the next command would remove
  agentops gc --keep-days 30                  sessions that ended more than 30 days ago
  agentops gc --keep 1GiB                     until the rest takes at most 1 GiB
  agentops gc --keep-days 30 --keep 500MB     both")]
pub(crate) struct Gc {
    #[command(flatten)]
    store: StoreArgs,

    /// Remove sessions that ended more than this number of days ago.
    #[arg(long, value_name = "N")]
    keep_days: Option<u64>,

    /// Remove sessions until the rest takes at most this size, such as `500MB` or `1GiB`.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    keep: Option<u64>,

    /// Remove nothing, and print what would be removed.
    #[arg(long)]
    dry_run: bool,
}

/// Sessions by what becomes of them.
#[derive(Debug, Default)]
struct Plan {
    /// Sessions to remove, the oldest first.
    remove: Vec<SessionSummary>,
    kept: u64,
    kept_bytes: u64,
    /// Number of the kept ones that may still run.
    running: u64,
}

impl Gc {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        if self.keep_days.is_none() && self.keep.is_none() {
            let reason =
                "nothing says which sessions to keep; give `--keep-days 30`, `--keep 1GiB` or both";
            return Err(Failure::Usage(reason.to_owned()));
        }
        let store = self.store.open()?;
        let SessionList { sessions, faults } = store.sessions()?;
        let ids: BTreeSet<_> = sessions.iter().map(|session| session.id).collect();
        let mut plan = self.plan(&store, sessions, screen.now)?;
        let removed = if self.dry_run { Ok(()) } else { plan.carry_out(&store) };
        print_sessions(screen, &plan.remove[..plan.remove.len().min(MOST_PRINTED)], &ids)?;
        if let Some(more) = plan.remove.len().checked_sub(MOST_PRINTED).filter(|more| *more > 0) {
            screen.line(&screen.styled(Style::Dim, &format!("… and {more} more")))?;
        }
        for line in wrap(&self.sums(&plan), screen.columns) {
            screen.line(&screen.styled(Style::Dim, &line))?;
        }
        print_faults(screen, &faults)?;
        removed?;
        Ok(Outcome::Fine)
    }

    fn plan(
        &self,
        store: &impl Store,
        mut sessions: Vec<SessionSummary>,
        now: u64,
    ) -> Result<Plan, StoreError> {
        sessions.sort_by_key(|session| (session.end, session.id));
        let mut plan = Plan::default();
        let mut rest: u64 = sessions.iter().map(|session| session.bytes).sum();
        let oldest = self.keep_days.map(|days| now.saturating_sub(days.saturating_mul(DAY)));
        for session in sessions {
            let is_old = oldest.is_some_and(|oldest| session.end < oldest);
            let is_too_much = self.keep.is_some_and(|most| rest > most);
            let may_run = may_run(store, &session, now)?;
            if may_run || !is_old && !is_too_much {
                plan.keep(&session, may_run);
            } else {
                rest -= session.bytes;
                plan.remove.push(session);
            }
        }
        Ok(plan)
    }

    fn sums(&self, plan: &Plan) -> String {
        let kept = format!("{} with {}", counted(plan.kept, "session"), bytes(plan.kept_bytes));
        let running = match plan.running {
            0 => String::new(),
            running => format!(", of which {running} may be running"),
        };
        let removed = match plan.remove.len() as u64 {
            0 => "nothing to remove".to_owned(),
            count => {
                let size = plan.remove.iter().map(|session| session.bytes).sum();
                let verb = if self.dry_run { "would remove" } else { "removed" };
                format!("{verb} {} with {}", counted(count, "session"), bytes(size))
            }
        };
        format!("{removed}, kept {kept}{running}")
    }
}

impl Plan {
    fn keep(&mut self, session: &SessionSummary, may_run: bool) {
        self.kept += 1;
        self.kept_bytes += session.bytes;
        self.running += u64::from(may_run);
    }

    /// Removes the sessions, and goes on after one that cannot be removed, which is kept.
    fn carry_out(&mut self, store: &impl Store) -> Result<(), StoreError> {
        let mut result = Ok(());
        for session in std::mem::take(&mut self.remove) {
            match store.remove(session.id) {
                Ok(()) => self.remove.push(session),
                Err(error) => {
                    self.keep(&session, false);
                    result = result.and(Err(error));
                }
            }
        }
        result
    }
}

/// Returns `true` if a session runs, or has no end and its file was written within a day.
fn may_run(store: &impl Store, session: &SessionSummary, now: u64) -> Result<bool, StoreError> {
    match session.state {
        SessionState::Running => return Ok(true),
        SessionState::Unfinished => {}
        _ => return Ok(false),
    }
    match store.last_write(session.id) {
        Ok(written) => Ok(written.saturating_add(DAY) > now),
        // It was removed meanwhile.
        Err(StoreError::NoSession(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::command_run::{NOW, parsed, printed},
        store::fixture::{TestFolder, TestSpan},
    };

    fn run(folder: &TestFolder, args: &[&str]) -> (Result<Outcome, Failure>, String) {
        let dir = folder.arg();
        let gc: Gc = parsed(&[args, &[&dir]].concat());
        printed(80, |screen| gc.run(screen))
    }

    /// Writes a session that ended so many days ago, and is padded to 1,000 bytes.
    fn write(folder: &TestFolder, session: u128, days: u64) {
        let end = NOW - days * DAY;
        let root = TestSpan::new(session, 1, 0, "session ask").at(end - 1_000, end).ended();
        folder.write_padded(session, &[root], 1_000);
    }

    /// Writes a session without an end, whose file was written so many days ago.
    fn write_open(folder: &TestFolder, session: u128, days: u64) {
        let end = NOW - 50 * DAY;
        folder.write_padded(session, &[TestSpan::new(session, 2, 1, "tool t").at(end, end)], 1_000);
        folder.set_last_write(session, NOW - days * DAY);
    }

    fn folder() -> TestFolder {
        let folder = TestFolder::new();
        for (session, days) in [(1 << 124, 40), (2 << 124, 31), (3 << 124, 29), (4 << 124, 0)] {
            write(&folder, session, days);
        }
        folder
    }

    fn left(folder: &TestFolder) -> Vec<String> {
        let mut left: Vec<_> =
            folder.files().into_iter().map(|name| name.replace("0", "")).collect();
        left.sort();
        left
    }

    #[test]
    fn gc_removes_sessions_that_ended_before_days() {
        let folder = folder();
        folder.write_beside(1 << 124, "open", "{}");
        let expected = "\
10000000  ask  40 d ago  1.00 µs  –  –  ok
20000000  ask  31 d ago  1.00 µs  –  –  ok
";
        let sums = "2 sessions with 1.95 KiB, kept 2 sessions with 1.95 KiB\n";
        let (outcome, out) = run(&folder, &["--keep-days", "30", "--dry-run"]);
        assert_eq!(outcome.unwrap(), Outcome::Fine);
        assert_eq!(out, format!("{expected}would remove {sums}"));
        assert_eq!(folder.files().len(), 5);
        let (_, out) = run(&folder, &["--keep-days", "30"]);
        assert_eq!(out, format!("{expected}removed {sums}"));
        assert_eq!(left(&folder), ["3.jsonl", "4.jsonl"]);
        let (_, out) = run(&folder, &["--keep-days", "30"]);
        assert_eq!(out, "nothing to remove, kept 2 sessions with 1.95 KiB\n");
    }

    #[test]
    fn gc_removes_oldest_until_rest_fits() {
        let folder = folder();
        run(&folder, &["--keep", "2kB"]).0.unwrap();
        assert_eq!(left(&folder), ["3.jsonl", "4.jsonl"]);
        run(&folder, &["--keep", "1999B", "--keep-days", "99"]).0.unwrap();
        assert_eq!(left(&folder), ["4.jsonl"]);
    }

    #[test]
    fn gc_keeps_what_may_run_and_what_is_no_session() {
        let folder = TestFolder::new();
        write_open(&folder, 1 << 124, 0);
        write_open(&folder, 2 << 124, 2);
        folder.write_text(3 << 124, "garbage\n");
        folder.write_beside(4 << 124, "txt", "notes");
        let (_, out) = run(&folder, &["--keep", "0B"]);
        assert_eq!(left(&folder), ["1.jsonl", "3.jsonl", "4.txt"]);
        let lines: Vec<_> = out.lines().collect();
        let removed = "20000000  –  50 d ago  0 ns  –  –  no end";
        let sums = "removed 1 session with 1000 B, kept 1 session with 1000 B, of which 1 may be";
        assert_eq!(lines[..3], [removed, sums, "running"]);
        assert!(lines[3].contains("could not be read"), "{out}");
    }

    #[cfg(unix)]
    #[test]
    fn gc_follows_no_links() {
        let (folder, outside) = (TestFolder::new(), folder());
        folder.link(1 << 124, &outside);
        let (_, out) = run(&folder, &["--keep", "0B"]);
        assert_eq!(out, "nothing to remove, kept 0 sessions with 0 B\n");
        assert_eq!((folder.files().len(), outside.files().len()), (1, 4));
    }

    #[test]
    fn gc_prints_twenty_sessions_and_counts_the_rest() {
        let folder = TestFolder::new();
        (1..=23).for_each(|session| write(&folder, session, 9));
        let (_, out) = run(&folder, &["--keep-days", "3"]);
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines.len(), 22);
        assert_eq!(lines[20], "… and 3 more");
        assert_eq!(lines[21], "removed 23 sessions with 22.4 KiB, kept 0 sessions with 0 B");
    }

    #[test]
    fn gc_without_limit_is_refused() {
        let (result, out) = run(&folder(), &["--dry-run"]);
        let reason =
            "nothing says which sessions to keep; give `--keep-days 30`, `--keep 1GiB` or both";
        assert_eq!((result.unwrap_err().to_string(), out), (reason.to_owned(), String::new()));
    }
}
