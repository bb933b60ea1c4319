//! Meter provider that collects and exports periodically.

use std::{sync::Arc, time::Duration};

use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::{
    MetricExporter as HttpExporter, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality, data::ResourceMetrics,
        exporter::PushMetricExporter,
    },
};

use super::{instruments::Instruments, metrics_client::Client};
use crate::{
    bridge::scope,
    config::{ExportedSpan, OtlpTarget},
    error::InitError,
    queue::{DeliveryTrouble, DeliveryWarnings},
    transport::{OnDelay, Persistence, ShutdownSignal, Transport},
};

/// Maximum time of the last export; the actual deadline is that of the transport.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(60);

/// Metrics of a core, if they are exported.
#[derive(Debug)]
pub(crate) struct Meters(Option<Running>);

#[derive(Debug)]
struct Running {
    exporter: Option<Exporter>,
    interval: Duration,
    provider: Option<(SdkMeterProvider, Instruments)>,
}

impl Meters {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Prepares the export. Once a resource is set, a thread of its own exports at the interval.
    pub(crate) fn open(
        target: &OtlpTarget,
        stop: &Arc<ShutdownSignal>,
        warnings: &Arc<DeliveryWarnings>,
    ) -> Result<Self, InitError> {
        let Some(target) = &target.of_metrics() else { return Ok(Self::none()) };
        let shared = Arc::clone(warnings);
        let on_delay = OnDelay(Box::new(move |error, _| {
            shared.warn_once(DeliveryTrouble::Metrics(&error));
        }));
        let transport = Transport::new(target, Arc::clone(stop), on_delay, Persistence::Memory);
        let client = Arc::new(Client::new(transport, target.endpoint.clone()));
        let http = HttpExporter::builder()
            .with_http()
            .with_shared_http_client(client.clone())
            .with_protocol(Protocol::HttpBinary)
            // The exporter logs its address, so it gets the one without secrets; the client has the full one.
            .with_endpoint(target.endpoint.to_string())
            .with_timeout(target.timeout)
            // The transport retries, since it knows the deadline.
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|error| InitError::Exporter(Box::new(error)))?;
        let exporter = Exporter { http, client, warnings: Arc::clone(warnings) };
        Ok(Self(Some(Running {
            exporter: Some(exporter),
            interval: target.metric_interval,
            provider: None,
        })))
    }

    /// Sets the resource and starts measuring; before that, nothing is measured.
    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        let Some(running) = &mut self.0 else { return };
        let Some(exporter) = running.exporter.take() else { return };
        let provider = SdkMeterProvider::builder()
            .with_resource(resource.clone())
            .with_reader(PeriodicReader::builder(exporter).with_interval(running.interval).build())
            .build();
        let instruments = Instruments::new(&provider.meter_with_scope(scope()));
        running.provider = Some((provider, instruments));
    }

    pub(crate) fn record(&self, exported: &ExportedSpan<'_>) {
        if let Some(Running { provider: Some((_, instruments)), .. }) = &self.0 {
            instruments.record(exported);
        }
    }

    /// Exports for the last time.
    pub(crate) fn close(&self) {
        if let Some(Running { provider: Some((provider, _)), .. }) = &self.0 {
            let _ = provider.shutdown_with_timeout(CLOSE_TIMEOUT);
        }
    }
}

/// Official exporter, with a warning for its first error.
#[derive(Debug)]
struct Exporter {
    http: HttpExporter,
    client: Arc<Client>,
    warnings: Arc<DeliveryWarnings>,
}

impl PushMetricExporter for Exporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.http.export(metrics).await;
        let message = self.client.take_message();
        let trouble = message.or_else(|| Some(result.as_ref().err()?.to_string()));
        trouble.inspect(|trouble| self.warnings.warn_once(DeliveryTrouble::Metrics(trouble)));
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.http.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.http.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.http.temporality()
    }
}
