struct Web;

impl Web {
    #[agentops::skip]
    pub fn search(&self) {}
}

fn main() {
    Web.search();
}
