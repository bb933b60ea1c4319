//! Spans with attributes of a megabyte: `large SPANS`, and the counters as a burst prints them.

use agentops::{Overflow, Stats, TracingConfig, current, session, tool};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spans = std::env::args().nth(1).ok_or("say how many spans")?.parse()?;
    let overflow = Overflow::Block(std::time::Duration::from_secs(60));
    let guard = agentops::init_with(TracingConfig::builder().overflow(overflow).build()?)?;
    burst(spans);
    match guard.shutdown() {
        Ok(stats) => say(&stats, "ok"),
        Err(error) => say(error.stats(), &error.to_string()),
    }
    Ok(())
}

#[session(skip_all)]
fn burst(spans: usize) {
    (0..spans).for_each(|_| step());
}

#[tool]
fn step() {
    current().set_attribute("large", "x".repeat(1 << 20));
}

fn say(stats: &Stats, shutdown: &str) {
    let mut line = json!(stats);
    line["phase"] = "final".into();
    line["shutdown"] = shutdown.into();
    println!("{line}");
}
