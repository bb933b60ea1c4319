use agentops::tool;

struct Web;

impl Web {
    #[tool(skip(self))]
    fn search(&self) -> usize {
        1
    }
}

fn main() {
    Web.search();
}
