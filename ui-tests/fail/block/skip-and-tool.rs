struct Web;

#[agentops::agent]
impl Web {
    #[agentops::tool]
    #[agentops(skip)]
    pub fn search(&self) {}
}

fn main() {
    Web.search();
}
