#[agentops::workflow]
pub(crate) mod steps {
    pub fn first() {}
}

fn main() {
    steps::first();
}
