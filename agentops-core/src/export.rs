//! Exporters and their destinations: OTLP, local files, the console and metrics.

mod console;
mod destination;
mod local;
mod metrics;
mod otlp;
mod pipeline;

pub use self::local::{JsonLines, LineError, LineSpan, Swept, close_aborted};
pub(crate) use self::{
    console::ConsoleExporter, destination::OpenDestination, local::LocalExporter, metrics::Meters,
    otlp::OtlpExporter, pipeline::ExportPipeline,
};
