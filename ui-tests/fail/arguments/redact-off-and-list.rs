use agentops::tool;

#[tool(redact = off, redact(query))]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {}
