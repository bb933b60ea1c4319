use agentops::agent;

#[agent]
unsafe trait Plans {
    fn plan(&self) {}
}

unsafe impl Plans for () {}

fn main() {
    ().plan();
}
