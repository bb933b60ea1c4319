//! Opening of a destination.

use std::{io, path::PathBuf, sync::Arc};

use super::{LocalExporter, Meters, OtlpExporter};
use crate::{
    config::{Destination, ErasedExporter, SpoolSettings},
    error::InitError,
    process::catch_user_panic,
    queue::{DeliveryTrouble, DeliveryWarnings, Queue, SpoolLedger},
    transport::{
        OnDelay, Outbox, Persistence, SegmentChoice, ShutdownSignal, Spool, SpoolSender, Transport,
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
        warnings: &Arc<DeliveryWarnings>,
    ) -> Result<Self, InitError> {
        Ok(match destination {
            Destination::Exporter(exporter) => {
                Self { exporter, outbox: None, local_dir: None, meters: Meters::none() }
            }
            Destination::Local(settings) => {
                let dir = settings.dir.clone();
                let exporter = Box::new(LocalExporter::new(settings, warnings.reporter()));
                Self { exporter, outbox: None, local_dir: Some(dir), meters: Meters::none() }
            }
            Destination::Otlp(target) => {
                let on_delay = on_delay(queue, warnings);
                let spool = spool.and_then(|settings| open_spool(settings, queue, warnings));
                let persistence =
                    if spool.is_some() { Persistence::Disk } else { Persistence::Memory };
                let transport = Transport::new(&target, stop.clone(), on_delay, persistence);
                let transport = Arc::new(transport);
                let meters = Meters::open(&target, stop, warnings)?;
                let (to, endpoint) = (Arc::clone(&transport), target.endpoint.clone());
                let outbox = Arc::new(Outbox::new(to, spool.clone(), endpoint));
                let exporter = Box::new(OtlpExporter::new(&target, Arc::clone(&outbox)));
                if let Some(spool) = spool {
                    let warnings = Arc::clone(warnings);
                    let endpoint = target.endpoint;
                    let sender = SpoolSender {
                        spool,
                        transport,
                        endpoint,
                        warnings,
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
    warnings: &Arc<DeliveryWarnings>,
) -> Option<Arc<Spool>> {
    let dir = settings.dir.clone();
    let ledger: Arc<dyn SpoolLedger> = Arc::<Queue>::clone(queue);
    let open = || Spool::open(settings, ledger, Arc::clone(warnings));
    // The program must start whatever is in the folder; the fuzzer must see a panic.
    let opened = if cfg!(fuzzing) { Some(open()) } else { catch_user_panic(open) };
    let opened = opened.unwrap_or_else(|| Err(io::Error::other("opening it has panicked")));
    opened
        .inspect_err(|error| warnings.warn_once(DeliveryTrouble::Spool(&dir, error)))
        .ok()
        .map(Arc::new)
}

/// Reports why spans are delayed, to the log and to flushes.
fn on_delay(queue: &Arc<Queue>, warnings: &Arc<DeliveryWarnings>) -> OnDelay {
    let (queue, warnings) = (Arc::clone(queue), Arc::clone(warnings));
    OnDelay(Box::new(move |error, _| {
        warnings.warn_once(DeliveryTrouble::Failure(&error));
        queue.note_delay(error);
    }))
}
