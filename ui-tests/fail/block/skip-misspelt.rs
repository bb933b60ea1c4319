struct Web;

#[agentops::tool]
impl Web {
    pub fn search(&self) {}

    #[agentops(skp)]
    pub fn close(&self) {}
}

fn main() {
    Web.search();
}
