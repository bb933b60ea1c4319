//! The far side: what leaves the process, in whose words, to where.

mod console;
mod dialect;
mod local;
mod otlp;
mod outlet;

pub(crate) use self::{
    console::ConsoleExporter, local::LocalExporter, otlp::OtlpExporter, outlet::Pipeline,
};
