use agentops::session;

#[session]
struct Conversation;

fn main() {
    let _ = Conversation;
}
