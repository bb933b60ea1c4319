use agentops::session;

#[session]
pub enum Stage {
    Plan,
}

fn main() {
    let _ = Stage::Plan;
}
