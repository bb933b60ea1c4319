use agentops::tool;

#[tool]
fn bytes(text: String) -> impl Iterator<Item = u8> {
    text.bytes()
}

fn main() {
    let _ = bytes(String::new()).count();
}
