use agentops::tool;

#[tool(redact(query), skip(query))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
