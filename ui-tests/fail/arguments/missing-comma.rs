use agentops::tool;

#[tool(name = "web" version = "1")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
