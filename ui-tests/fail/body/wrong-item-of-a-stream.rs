use agentops::tool;
use futures_util::stream::{Stream, iter};

#[tool]
fn count(n: u32) -> Result<impl Stream<Item = String>, u8> {
    Ok(iter([n]))
}

fn main() {
    drop(count(1));
}
