use agentops::tool;

#[tool(redact = "off")]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {}
