use agentops::tool;

#[tool(capture_input = "no", capture_output = 0)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
