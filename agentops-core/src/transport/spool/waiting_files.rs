//! Files of a spool that wait to be sent, in memory.

use std::collections::VecDeque;

use super::spool_file::SpoolFile;
use crate::config::SpoolSettings;

/// Files of one process's slot, with their size.
#[derive(Debug, Default)]
pub(super) struct WaitingFiles {
    /// Files for the endpoint, oldest first.
    pub(super) waiting: VecDeque<SpoolFile>,
    /// Files for another endpoint.
    pub(super) aside: VecDeque<SpoolFile>,
    /// Number of spans in files that can be neither read nor removed at the moment.
    pub(super) stuck: u64,
    /// Size of the files that wait or are set aside.
    bytes: u64,
    /// Number of the next file.
    pub(super) next: u64,
    /// No more files are added.
    pub(super) sealed: bool,
    pub(super) sender_is_gone: bool,
}

impl WaitingFiles {
    /// Creates an empty list; the next file gets this number.
    pub(super) fn from_number(next: u64) -> Self {
        Self { next, ..Self::default() }
    }

    /// Removes and returns the oldest file.
    fn remove_oldest(&mut self) -> Option<SpoolFile> {
        self.aside.pop_front().or_else(|| self.waiting.pop_front())
    }

    /// Removes and returns the files that exceed the bounds, oldest first.
    pub(super) fn evict(&mut self, settings: &SpoolSettings) -> Vec<SpoolFile> {
        let is_old =
            |file: &SpoolFile| file.written.elapsed().is_ok_and(|age| age > settings.max_age);
        let mut evicted = Vec::new();
        while self.bytes > settings.max_bytes
            || self.aside.front().is_some_and(is_old)
            || self.waiting.front().is_some_and(is_old)
        {
            let Some(oldest) = self.remove_oldest() else { break };
            self.forget(&oldest);
            evicted.push(oldest);
        }
        evicted
    }

    /// Adds a file to those that wait.
    pub(super) fn admit(&mut self, file: SpoolFile) {
        self.bytes = self.bytes.saturating_add(file.bytes);
        self.waiting.push_back(file);
    }

    /// Subtracts the size of a file that was taken out.
    pub(super) fn forget(&mut self, file: &SpoolFile) {
        self.bytes = self.bytes.saturating_sub(file.bytes);
    }
}
