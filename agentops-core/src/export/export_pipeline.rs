//! Last steps of a batch, in order: prepare, measure, export, show.

use std::time::Duration;

use super::{ConsoleExporter, Meters};
use crate::{
    config::{DeliveryFailure, ErasedExporter, Receipt},
    outgoing::{Preparation, abort},
    queue::{Batch, BatchSink},
};

/// Maximum time for the shutdown of an exporter.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Pipeline through which the worker thread sends each batch.
#[derive(Debug)]
pub(crate) struct ExportPipeline {
    pub(crate) disabled: bool,
    pub(crate) preparation: Preparation,
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) console: Option<ConsoleExporter>,
    pub(crate) meters: Meters,
}

impl BatchSink for ExportPipeline {
    fn open(&mut self) {
        if !self.disabled {
            self.exporter.open();
        }
    }

    fn deliver(&mut self, batch: &mut Batch) -> Result<Receipt, DeliveryFailure> {
        if let Some(resource) = &batch.resource {
            let resource = self.preparation.resource(resource);
            self.exporter.set_resource(&resource);
            self.meters.set_resource(&resource);
        }
        batch.started.iter_mut().for_each(abort);
        self.exporter.keep_starts(&mut batch.started.iter_mut().map(|begun| {
            let mut exported = self.preparation.prepare(begun);
            self.preparation.drop_unselected(&mut exported);
            exported
        }));
        if batch.entries.is_empty() {
            return Ok(Receipt::Complete);
        }
        let mut trees = Vec::new();
        let result = self.exporter.export(&mut batch.entries.iter_mut().map(|entry| {
            let mut exported = self.preparation.prepare(entry);
            self.meters.record(&exported);
            trees.extend(self.console.as_ref().and_then(|console| console.collect(exported.span)));
            self.preparation.drop_unselected(&mut exported);
            exported
        }));
        if let Some(console) = &self.console {
            console.show(&trees);
        }
        result
    }

    fn close(&mut self) {
        self.meters.close();
        let _ = self.exporter.shutdown(CLOSE_TIMEOUT);
    }
}
