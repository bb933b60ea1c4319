#[derive(Clone, Debug)]
struct Mine;

impl agentops::Traced for Mine {}

fn main() {}
