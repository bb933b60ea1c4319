use agentops::tool;

#[tool(skip_all = true)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
