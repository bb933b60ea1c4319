use agentops::Agent;

#[derive(Agent)]
union Planner {
    fast: u8,
}

fn main() {
    let _ = Planner { fast: 1 };
}
