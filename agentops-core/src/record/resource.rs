//! Resource of the process that the spans come from.

use std::ffi::OsStr;

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

use super::semconv::SERVICE_NAME;

/// Name that the SDK gives to a service without a name.
const UNNAMED: &str = "unknown_service";

/// Returns the resource of the process. The service's name is taken from the program's settings, then from
/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, then from the name of the executable.
pub(crate) fn resource(service_name: Option<String>, attributes: &[KeyValue]) -> Resource {
    let builder = || Resource::builder().with_attributes(attributes.iter().cloned());
    let found = builder().build();
    let name = found.get(&Key::from(SERVICE_NAME)).map(|name| name.as_str().into_owned());
    let is_unnamed = name.is_none_or(|name| name.starts_with(UNNAMED));
    match service_name.or_else(|| is_unnamed.then(name_of_executable)) {
        Some(name) => builder().with_attribute(KeyValue::new(SERVICE_NAME, name)).build(),
        None => found,
    }
}

fn name_of_executable() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.file_stem().map_or(UNNAMED.into(), OsStr::to_string_lossy).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(service_name: Option<&str>, attributes: &[(&'static str, &'static str)]) -> String {
        let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, *value));
        let attributes: Vec<_> = attributes.collect();
        let resource = resource(service_name.map(str::to_owned), &attributes);
        resource.get(&SERVICE_NAME.into()).unwrap().to_string()
    }

    #[test]
    fn service_name_defaults_to_executable() {
        let executable = std::env::current_exe().unwrap();
        let stem = executable.file_stem().unwrap().to_str().unwrap();
        assert_eq!(name(None, &[("team", "a")]), stem);
    }

    #[test]
    fn service_name_setting_overrides_resource_attributes() {
        let attributes = [("service.name", "of the attributes")];
        assert_eq!(name(None, &attributes), "of the attributes");
        assert_eq!(name(Some("its own"), &attributes), "its own");
    }
}
