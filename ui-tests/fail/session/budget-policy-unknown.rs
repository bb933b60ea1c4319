use agentops::session;

#[session(budget(tokens = 5, policy = Stop))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    let _ = search("rust", 3);
}
