use agentops::tool;

#[tool(fields(size = 1, size = 2))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
