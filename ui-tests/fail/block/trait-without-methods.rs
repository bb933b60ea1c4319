struct Planner;

#[agentops::agent]
impl Default for Planner {
    fn default() -> Self {
        Self
    }
}

fn main() {
    let _: Planner = Default::default();
}
