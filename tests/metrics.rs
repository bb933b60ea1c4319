//! Metrics go to the collector beside the spans, with the names, units and buckets of the conventions.
#![deny(clippy::pedantic)]

use std::time::Duration;

use agentops::{TracingConfig, TracingCore, Usage, agent, current, llm, session, tool, tracing};
use agentops_tests::collector::Collector;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, metric::Data};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[llm(model = "m", provider = "local")]
fn ask() {
    current().set_usage(Usage::new().input(100).output(5));
}

#[llm(model = "m")]
fn refused() -> Result<(), String> {
    Err("no".to_owned())
}

#[llm(model = "m", provider = "local")]
fn words() -> impl Stream<Item = &'static str> {
    stream::iter(["a", "b", "c"])
}

#[tool]
fn look() {}

#[agent]
fn helper() {
    look();
}

#[session]
async fn measured() {
    ask();
    let _ = refused();
    helper();
    words().collect::<Vec<_>>().await;
}

fn points(metric: &Metric) -> Vec<HistogramDataPoint> {
    match &metric.data {
        Some(Data::Histogram(histogram)) => histogram.data_points.clone(),
        other => panic!("`{}` is {other:?}", metric.name),
    }
}

/// The attributes that a point is told by, and how often it was measured.
fn told(points: &[HistogramDataPoint]) -> Vec<String> {
    let mut told: Vec<_> = points
        .iter()
        .map(|point| {
            let mut keys: Vec<_> = point.attributes.iter().map(|it| it.key.clone()).collect();
            keys.sort();
            format!("{} {}", point.count, keys.join(","))
        })
        .collect();
    told.sort();
    told
}

#[test]
fn metrics_follow_the_semantic_conventions() {
    let collector = Collector::start();
    let config = TracingConfig::builder()
        .exporter_endpoint(collector.address())
        .shutdown_timeout(Duration::from_secs(60))
        .console(false);
    let core = TracingCore::new(config.build().unwrap()).unwrap();
    let subscriber = registry().with(agentops::layer(&core));
    tracing::subscriber::with_default(subscriber, || measured().now_or_never().unwrap());
    core.shutdown().unwrap();

    let metrics = collector.metrics();
    let find = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap();
    let mut names: Vec<_> = metrics.iter().map(|it| (it.name.as_str(), it.unit.as_str())).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            ("gen_ai.client.operation.duration", "s"),
            ("gen_ai.client.operation.time_per_output_chunk", "s"),
            ("gen_ai.client.operation.time_to_first_chunk", "s"),
            ("gen_ai.client.token.usage", "{token}"),
            ("gen_ai.execute_tool.duration", "s"),
            ("gen_ai.invoke_agent.duration", "s"),
            ("gen_ai.invoke_workflow.duration", "s"),
        ]
    );
    let calls = points(find("gen_ai.client.operation.duration"));
    let base = "gen_ai.operation.name,gen_ai.provider.name,gen_ai.request.model";
    assert_eq!(told(&calls), [format!("1 error.type,{base}"), format!("2 {base}")]);
    assert_eq!(calls[0].explicit_bounds.first(), Some(&0.01));
    assert_eq!(calls[0].explicit_bounds.last(), Some(&81.92));

    let usage = points(find("gen_ai.client.token.usage"));
    let kind = "gen_ai.operation.name,gen_ai.provider.name,gen_ai.request.model,gen_ai.token.type";
    assert_eq!(told(&usage), [format!("1 {kind}"), format!("1 {kind}")]);
    let mut sums: Vec<_> = usage.iter().map(|point| point.sum).collect();
    sums.sort_by(|one, other| one.partial_cmp(other).unwrap());
    assert_eq!(sums, [Some(5.0), Some(100.0)]);
    assert_eq!(usage[0].explicit_bounds.last(), Some(&67_108_864.0));

    let tool = points(find("gen_ai.execute_tool.duration"));
    assert_eq!(told(&tool), ["1 gen_ai.agent.name,gen_ai.tool.name,gen_ai.tool.type"]);
    let agent = points(find("gen_ai.invoke_agent.duration"));
    assert_eq!(told(&agent), ["1 gen_ai.agent.name"]);
    assert_eq!(agent[0].explicit_bounds.len(), 13);
    let workflow = points(find("gen_ai.invoke_workflow.duration"));
    assert_eq!(told(&workflow), ["1 gen_ai.workflow.name"]);
    assert_eq!(collector.spans().len(), 6, "the spans go where they went");
}
