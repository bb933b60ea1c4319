use agentops::session;

#[session]
fn main() {
    let _guard = agentops::init();
}
