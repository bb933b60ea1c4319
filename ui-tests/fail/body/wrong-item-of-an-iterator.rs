use agentops::tool;

#[tool]
fn count(n: u32) -> impl Iterator<Item = String> + ExactSizeIterator {
    [n].into_iter()
}

fn main() {
    drop(count(1));
}
