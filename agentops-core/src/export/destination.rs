//! Opening of a destination.

use std::{io, path::PathBuf, sync::Arc};

use super::{LocalExporter, Meters, OtlpExporter};
use crate::{
    config::{Destination, ErasedExporter, SpoolSettings},
    error::InitError,
    process::catch_user_panic,
    queue::{Complaint, Queue},
    transport::{
        OnDelay, Outbox, Persistence, SegmentChoice, Sender, ShutdownSignal, Spool, Transport,
    },
};

/// Exporter of a destination, with its outbox, local folder and metrics.
#[derive(Debug)]
pub(crate) struct OpenDestination {
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) outbox: Option<Arc<Outbox>>,
    pub(crate) local_dir: Option<PathBuf>,
    pub(crate) meters: Meters,
}

impl OpenDestination {
    pub(crate) fn open(
        destination: Destination,
        spool: Option<SpoolSettings>,
        stop: &Arc<ShutdownSignal>,
        queue: &Arc<Queue>,
        complaint: &Arc<Complaint>,
    ) -> Result<Self, InitError> {
        Ok(match destination {
            Destination::Exporter(exporter) => {
                Self { exporter, outbox: None, local_dir: None, meters: Meters::none() }
            }
            Destination::Local(settings) => {
                let dir = settings.dir.clone();
                let exporter = Box::new(LocalExporter::new(settings, complaint.may_use_stderr()));
                Self { exporter, outbox: None, local_dir: Some(dir), meters: Meters::none() }
            }
            Destination::Otlp(target) => {
                let on_delay = on_delay(queue, complaint);
                let spool = spool.and_then(|settings| open_spool(settings, queue, complaint));
                let persistence =
                    if spool.is_some() { Persistence::Disk } else { Persistence::Memory };
                let transport = Transport::new(&target, stop.clone(), on_delay, persistence);
                let transport = Arc::new(transport);
                let meters = Meters::open(&target, stop, complaint)?;
                let (to, endpoint) = (Arc::clone(&transport), target.endpoint.clone());
                let outbox = Arc::new(Outbox::new(to, spool.clone(), endpoint));
                let exporter = Box::new(OtlpExporter::new(&target, Arc::clone(&outbox)));
                if let Some(spool) = spool {
                    let complaint = Arc::clone(complaint);
                    let endpoint = target.endpoint;
                    let sender = Sender {
                        spool,
                        transport,
                        endpoint,
                        complaint,
                        segments: SegmentChoice::OwnEndpoint,
                    };
                    sender.spawn().map_err(InitError::Thread)?;
                }
                Self { exporter, outbox: Some(outbox), local_dir: None, meters }
            }
        })
    }
}

/// Opens the spool. A failure is logged and does not stop recording.
fn open_spool(
    settings: SpoolSettings,
    queue: &Arc<Queue>,
    complaint: &Arc<Complaint>,
) -> Option<Arc<Spool>> {
    let dir = settings.dir.clone();
    let open = || Spool::open(settings, Arc::clone(queue), Arc::clone(complaint));
    // The program must start whatever is in the folder; the fuzzer must see a panic.
    let opened = if cfg!(fuzzing) { Some(open()) } else { catch_user_panic(open) };
    let opened = opened.unwrap_or_else(|| Err(io::Error::other("opening it has panicked")));
    opened.inspect_err(|error| complaint.of_spool(&dir, error)).ok().map(Arc::new)
}

/// Reports why spans are delayed, to the log and to flushes.
fn on_delay(queue: &Arc<Queue>, complaint: &Arc<Complaint>) -> OnDelay {
    let (queue, complaint) = (Arc::clone(queue), Arc::clone(complaint));
    OnDelay(Box::new(move |error, _| {
        complaint.of_failure(&error);
        queue.note_delay(error);
    }))
}
