use agentops::session;

#[session(user_id = query, user_id = query)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
