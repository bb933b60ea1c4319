//! A destination, opened.

use std::{path::PathBuf, sync::Arc};

use super::{LocalExporter, OtlpExporter};
use crate::{
    config::Destination,
    delivery::{Complaint, Queue, Stop, Transport},
    error::InitError,
    exporter::ErasedExporter,
};

/// The exporter of a destination with what belongs to it.
#[derive(Debug)]
pub(crate) struct FarSide {
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) transport: Option<Arc<Transport>>,
    pub(crate) local_dir: Option<PathBuf>,
}

impl FarSide {
    pub(crate) fn open(
        destination: Destination,
        stop: &Arc<Stop>,
        queue: &Arc<Queue>,
        complaint: &Arc<Complaint>,
    ) -> Result<Self, InitError> {
        Ok(match destination {
            Destination::Exporter(exporter) => Self { exporter, transport: None, local_dir: None },
            Destination::Local(dir) => {
                let exporter = Box::new(LocalExporter::new(dir.clone()));
                Self { exporter, transport: None, local_dir: Some(dir) }
            }
            Destination::Otlp(target) => {
                let transport =
                    Transport::new(&target, stop.clone(), queue.clone(), complaint.clone());
                let transport = Arc::new(transport);
                let exporter = Box::new(OtlpExporter::new(&target, Arc::clone(&transport))?);
                Self { exporter, transport: Some(transport), local_dir: None }
            }
        })
    }
}
