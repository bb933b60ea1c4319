struct Planner;

#[agentops::agent]
impl Planner {
    #[agentops(skip)]
    pub fn plan(&self) {}
}

fn main() {
    Planner.plan();
}
