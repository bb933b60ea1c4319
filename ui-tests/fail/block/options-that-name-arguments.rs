struct Web;

#[agentops::tool(skip(key), fields(query))]
impl Web {
    pub fn search(&self, key: &str, query: &str) -> usize {
        key.len() + query.len()
    }
}

fn main() {
    Web.search("", "");
}
