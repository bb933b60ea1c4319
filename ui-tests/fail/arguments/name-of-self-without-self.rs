use agentops::tool;

#[tool(name = self.name)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
