//! Exporters and their destinations: OTLP, local files, the console and metrics.

mod console;
mod far_side;
mod local;
mod metrics;
mod otlp;
mod outlet;

pub use self::local::{JsonLines, LineError, LineSpan, Swept, close_aborted};
pub(crate) use self::{
    console::ConsoleExporter, far_side::OpenDestination, local::LocalExporter, metrics::Meters,
    otlp::OtlpExporter, outlet::ExportPipeline,
};
