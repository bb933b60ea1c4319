use agentops::tool;

#[tool(redact = on)]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {}
