use agentops::session;

#[session(metadata(plan = 1, plan = 2))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
