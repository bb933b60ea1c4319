use agentops::agent;

struct Planner;

#[agent(name = "planner")]
impl Planner {
    fn plan(&self) {}
}

fn main() {
    Planner.plan();
}
