//! Command as a POSIX shell reads it.

use serde_json::Value;

use super::provider::{Dialect, Provider};
use crate::terminal::legible_json;

/// Line that ends the body. JSON with a line for each field has no such line.
const END: &str = "END";

/// Returns the command. Nothing in it is expanded but the variables of the address and of the key. The body is no
/// argument, of which Linux takes 128 KiB at the most.
pub(super) fn shell_command(provider: &Provider, body: &Value) -> String {
    let url = match &provider.url {
        Some(url) => quoted(url),
        None => "\"$BASE_URL/chat/completions\"".to_owned(),
    };
    let key = provider.key;
    let headers = match provider.dialect {
        Dialect::OpenAi => format!("  -H \"Authorization: Bearer ${key}\" \\\n"),
        Dialect::Anthropic => {
            format!("  -H \"x-api-key: ${key}\" \\\n  -H 'anthropic-version: 2023-06-01' \\\n")
        }
    };
    let body = legible_json(&format!("{body:#}"));
    format!(
        "curl {url} \\\n{headers}  -H 'Content-Type: application/json' \\\n  --data-binary @- <<'{END}'\n{body}\n{END}\n"
    )
}

/// Returns a text in single quotes, in which a shell expands nothing.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
