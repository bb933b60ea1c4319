//! A program that has a `tracing` subscriber of its own: our layer stands beside the others.
//!
//! ```text
//! RUST_LOG=info cargo run -p agentops-integration-examples --example existing_subscriber
//! ```
//!
//! The log lines carry the names of our spans; a `RUST_LOG` that hides them from the log hides nothing from
//! the trace, because the filter belongs to the log's layer.

use agentops::{TracingConfig, TracingCore, session, tool};
use tracing::{info, warn};
use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let core = TracingCore::new(TracingConfig::from_env()?)?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    registry().with(agentops::layer(&core)).with(log).try_init()?;

    work();
    let stats = core.shutdown()?;
    info!(sent = stats.sent, "all spans are delivered");
    Ok(())
}

#[session]
fn work() -> u32 {
    info!("a session begins");
    let sum = (1..=3).map(|n| halve(n).unwrap_or_default()).sum();
    info!(sum, "a session ends");
    sum
}

#[tool]
fn halve(n: u32) -> Result<u32, String> {
    if n % 2 == 1 {
        warn!(n, "odd numbers cannot be halved");
        return Err(format!("{n} is odd"));
    }
    Ok(n / 2)
}
