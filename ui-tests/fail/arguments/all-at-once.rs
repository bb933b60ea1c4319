use agentops::tool;

#[tool(nmae = "a", skip(quer), max_len = 0, cost = -1.0, level = 9, skip(limit), tags())]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
