use agentops::tool;

trait Search {
    #[tool]
    fn search(&self, query: &str);
}

impl Search for () {
    fn search(&self, _: &str) {}
}

fn main() {
    ().search("rust");
}
