use agentops::tool;

#[tool(nmae = "web search")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
