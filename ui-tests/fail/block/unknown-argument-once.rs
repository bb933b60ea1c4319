struct Planner;

#[agentops::agent(rloe = "planner")]
impl Planner {
    pub fn plan(&self) {}

    pub fn act(&self) {}

    #[agentops(skip)]
    pub fn rest(&self) {}
}

fn main() {
    Planner.plan();
}
