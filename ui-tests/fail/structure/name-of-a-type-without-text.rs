use agentops::Agent;

struct Title;

#[derive(Agent)]
struct Planner {
    #[agentops(name)]
    title: Title,
}

fn main() {
    let _ = Planner { title: Title };
}
