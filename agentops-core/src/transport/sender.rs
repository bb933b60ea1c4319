//! Thread that sends the spans on disk, oldest first.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use super::{
    Transport,
    spool::{Segment, Spool, Unread, Waiting},
};
use crate::queue::{Complaint, message_of};
use crate::{
    config::{DeliveryFailure, Endpoint},
    process::{keep_write_signals_off, thread_context::suppress},
};

/// State of the sender thread.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) spool: Arc<Spool>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) endpoint: Endpoint,
    pub(crate) complaint: Arc<Complaint>,
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

impl Sender {
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
                self.complaint.of_failure(&failure);
            }
            self.spool.sender_is_gone();
        };
        thread::Builder::new().name("agentops-sender".to_owned()).spawn(work).map(drop)
    }

    /// Sends until the spool is sealed and empty, or time has run out.
    pub(crate) fn run(&self) {
        self.spool.recover_sessions();
        if self.segments == SegmentChoice::OwnEndpoint {
            let elsewhere = self.spool.elsewhere(&self.endpoint.to_string());
            self.complaint.of_elsewhere(self.spool.dir(), &elsewhere);
        }
        while let Some(file) = self.spool.next() {
            match self.spool.open_file(file) {
                Err(Unread::Lost(damage)) => {
                    self.complaint.of_damage(&damage);
                    self.spool.give_up(&file, DeliveryFailure::Spool(damage));
                }
                Err(Unread::Hindered(hindrance)) => {
                    self.complaint.of_hindrance(&hindrance);
                    self.spool.leave(&file);
                }
                Ok((file, segment)) if !self.takes(&segment) => self.spool.set_aside(file),
                Ok((file, segment)) => {
                    if !self.send(file, &segment) {
                        return;
                    }
                }
            }
        }
    }

    fn takes(&self, segment: &Segment) -> bool {
        self.segments == SegmentChoice::All || segment.label.endpoint == self.endpoint.to_string()
    }

    /// Sends a file; returns `false` if there is no time for more.
    fn send(&self, file: Waiting, segment: &Segment) -> bool {
        let sent = match segment.request(&self.endpoint) {
            Ok(request) => self.transport.send(&request),
            Err(error) => Err(DeliveryFailure::Payload(error.to_string())),
        };
        match sent {
            Ok(receipt) => {
                self.complaint.of_receipt(&receipt);
                self.spool.settle(&file, receipt);
                true
            }
            Err(DeliveryFailure::Temporary(_)) => {
                self.spool.put_back(file);
                false
            }
            Err(failure) => {
                self.complaint.of_failure(&failure.to_string());
                self.spool.give_up(&file, failure);
                true
            }
        }
    }
}
