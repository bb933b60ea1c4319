//! What process the spans come from.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

use crate::semconv::SERVICE_NAME;

/// The program's own name, then `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, then the executable's.
pub(crate) fn resource(service_name: Option<String>) -> Resource {
    let builder = Resource::builder();
    match service_name {
        Some(name) => builder.with_service_name(name).build(),
        None => {
            let found = builder.build();
            let name = found.get(&SERVICE_NAME.into()).map(|name| name.as_str().into_owned());
            match name {
                Some(name) if !name.starts_with("unknown_service") => found,
                _ => Resource::builder()
                    .with_attribute(KeyValue::new(SERVICE_NAME, default_service_name()))
                    .build(),
            }
        }
    }
}

fn default_service_name() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
    format!("unknown_service:{}", name.as_deref().unwrap_or("rust"))
}
