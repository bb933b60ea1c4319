use std::pin::Pin;

use agentops::tool;

#[tool]
fn length(text: &str) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move { text.len() })
}

fn main() {
    drop(length(""));
}
