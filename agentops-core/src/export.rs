//! Exporters and their destinations: OTLP, local files, the console and metrics.

mod console;
mod destination;
mod export_pipeline;
mod local;
mod metrics;
mod otlp;

pub use self::local::{
    JsonLines, LineError, LineSpan, OpenSession, OpenSpan, Swept, close_aborted,
};
pub(crate) use self::{
    console::ConsoleExporter, destination::OpenDestination, export_pipeline::ExportPipeline,
    local::LocalExporter, metrics::Meters, otlp::OtlpExporter,
};
