//! Metrics by the conventions for generative AI, exported over the same transport as spans (feature `metrics`).
//!
//! They are derived from the exported spans, so that nothing is measured twice, and nothing runs on the program's
//! threads.

#[cfg(feature = "metrics")]
pub(crate) use self::meters::Meters;

#[cfg(not(feature = "metrics"))]
pub(crate) use self::off::Meters;

#[cfg(feature = "metrics")]
mod instruments;
#[cfg(feature = "metrics")]
mod meters;
#[cfg(feature = "metrics")]
mod metrics_client;

#[cfg(not(feature = "metrics"))]
mod off {
    use std::sync::Arc;

    use opentelemetry_sdk::Resource;

    use crate::{
        config::{ExportedSpan, OtlpTarget},
        error::InitError,
        queue::DeliveryWarnings,
        transport::ShutdownSignal,
    };

    /// No-op without the feature.
    #[derive(Debug)]
    pub(crate) struct Meters;

    impl Meters {
        pub(crate) fn none() -> Self {
            Self
        }

        #[expect(clippy::unnecessary_wraps, reason = "with the feature it can fail")]
        pub(crate) fn open(
            _: &OtlpTarget,
            _: &Arc<ShutdownSignal>,
            _: &Arc<DeliveryWarnings>,
        ) -> Result<Self, InitError> {
            Ok(Self)
        }

        pub(crate) fn set_resource(&mut self, _: &Resource) {}

        pub(crate) fn record(&self, _: &ExportedSpan<'_>) {}

        pub(crate) fn close(&self) {}
    }
}
