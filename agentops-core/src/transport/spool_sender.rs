//! Thread that sends the spans on disk, oldest first.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use super::{
    Transport,
    spool::{Segment, Spool, SpoolFile, UnreadFile},
};
use crate::{
    config::{DeliveryFailure, Endpoint},
    process::{keep_write_signals_off, thread_context::suppress},
    queue::{DeliveryTrouble, DeliveryWarnings, message_of},
};

/// State of the sender thread.
#[derive(Debug)]
pub(crate) struct SpoolSender {
    pub(crate) spool: Arc<Spool>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) endpoint: Endpoint,
    pub(crate) warnings: Arc<DeliveryWarnings>,
    pub(crate) segments: SegmentChoice,
}

/// Segments of a spool that are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentChoice {
    /// Those that are meant for the sender's endpoint.
    OwnEndpoint,
    /// Those that were meant for other endpoints, too.
    All,
}

impl SpoolSender {
    /// Starts the thread; it ends when the spool is closed and empty, or when time has run out.
    pub(crate) fn spawn(self) -> io::Result<()> {
        let work = move || {
            keep_write_signals_off();
            // Spans of the sending code must not be recorded.
            let _suppressed = suppress();
            // No foreign code runs here, so this only guards against bugs.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.run())) {
                let panic = message_of(&*panic);
                let failure = format!("the sender panicked: {panic}; they wait on disk");
                self.warnings.warn_once(DeliveryTrouble::Failure(&failure));
            }
            self.spool.sender_is_gone();
        };
        thread::Builder::new().name("agentops-sender".to_owned()).spawn(work).map(drop)
    }

    /// Sends until the spool is sealed and empty, or time has run out.
    pub(crate) fn run(&self) {
        self.run_with(&mut || {});
    }

    /// Does the same, and calls `at_file` before each file and at the end.
    pub(crate) fn run_with(&self, at_file: &mut dyn FnMut()) {
        self.spool.recover_sessions();
        if self.segments == SegmentChoice::OwnEndpoint {
            let elsewhere = self.spool.spans_for_others(&self.endpoint.to_string());
            if !elsewhere.is_empty() {
                let trouble = DeliveryTrouble::Elsewhere(self.spool.dir(), &elsewhere);
                self.warnings.warn_once(trouble);
            }
        }
        while let Some(file) = self.spool.next_file() {
            at_file();
            match self.spool.open_file(file) {
                Err(UnreadFile::Lost(damage)) => {
                    self.warnings.warn_once(DeliveryTrouble::Damage(&damage));
                    self.spool.settle(&file, Err(DeliveryFailure::Spool(damage)));
                }
                Err(UnreadFile::Hindered(hindrance)) => {
                    self.warnings.warn_once(DeliveryTrouble::Hindrance(&hindrance));
                    self.spool.leave_for_later(&file);
                }
                Ok((file, segment)) if !self.accepts(&segment) => self.spool.set_aside(file),
                Ok((file, segment)) => {
                    if !self.send(file, &segment) {
                        return;
                    }
                }
            }
        }
        at_file();
    }

    fn accepts(&self, segment: &Segment) -> bool {
        self.segments == SegmentChoice::All || segment.label.endpoint == self.endpoint.to_string()
    }

    /// Sends a file; returns `false` if there is no time for more.
    fn send(&self, file: SpoolFile, segment: &Segment) -> bool {
        let sent = match segment.request(&self.endpoint) {
            Ok(request) => self.transport.send(&request),
            Err(error) => Err(DeliveryFailure::Payload(error.to_string())),
        };
        if matches!(sent, Err(DeliveryFailure::Temporary(_))) {
            self.spool.put_back(file);
            return false;
        }
        self.warnings.warn_of_result(&sent);
        self.spool.settle(&file, sent);
        true
    }
}
