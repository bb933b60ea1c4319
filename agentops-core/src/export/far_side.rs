//! A destination, opened.

use std::{path::PathBuf, sync::Arc};

use super::{LocalExporter, Meters, OtlpExporter};
use crate::{
    config::Destination,
    delivery::{Complaint, OnDelay, Queue, Stop, Transport},
    error::InitError,
    exporter::ErasedExporter,
};

/// The exporter of a destination with what belongs to it.
#[derive(Debug)]
pub(crate) struct FarSide {
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) transport: Option<Arc<Transport>>,
    pub(crate) local_dir: Option<PathBuf>,
    pub(crate) meters: Meters,
}

impl FarSide {
    pub(crate) fn open(
        destination: Destination,
        stop: &Arc<Stop>,
        queue: &Arc<Queue>,
        complaint: &Arc<Complaint>,
    ) -> Result<Self, InitError> {
        Ok(match destination {
            Destination::Exporter(exporter) => {
                Self { exporter, transport: None, local_dir: None, meters: Meters::none() }
            }
            Destination::Local(dir) => {
                let exporter = Box::new(LocalExporter::new(dir.clone()));
                Self { exporter, transport: None, local_dir: Some(dir), meters: Meters::none() }
            }
            Destination::Otlp(target) => {
                let on_delay = on_delay(queue, complaint);
                let transport = Arc::new(Transport::new(&target, stop.clone(), on_delay));
                let meters = Meters::open(&target, stop, complaint)?;
                let exporter = Box::new(OtlpExporter::new(&target, Arc::clone(&transport))?);
                Self { exporter, transport: Some(transport), local_dir: None, meters }
            }
        })
    }
}

/// Whoever waits for the spans is told why they wait.
fn on_delay(queue: &Arc<Queue>, complaint: &Arc<Complaint>) -> OnDelay {
    let (queue, complaint) = (Arc::clone(queue), Arc::clone(complaint));
    OnDelay(Box::new(move |error| {
        complaint.of_failure(&error);
        queue.note_error(error);
    }))
}
