use agentops::traced;

#[traced(kind = "tool")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
