//! Program whose sessions are pinned: an agent with repeated tools, errors, and texts that Rust code has to escape.

use agentops::{agent, llm, session, tool};

/// Text that is hard to write as Rust code.
pub const HARD: &str = "\"# r#\"raw\"# \\n \n\t\r \0 \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 \u{1f980} ";

/// Finds passages.
#[tool]
fn search(query: &str, limit: u128) -> Vec<String> {
    vec![query.to_uppercase(); usize::from(limit > 1)]
}

/// Reads a file.
#[tool]
fn read_file(path: &str, encoding: Option<&str>) -> Result<String, String> {
    match encoding {
        Some(_) => Ok(path.to_owned()),
        None => Err(format!("no encoding of {path}: {HARD}")),
    }
}

#[tool(name = "clock \"UTC\" \u{202e}")]
fn clock() -> u64 {
    std::process::id().into()
}

#[tool]
fn log_in(user: &str, password: &str) -> bool {
    user.len() < password.len()
}

#[tool]
fn upload(text: &str) -> usize {
    text.len()
}

#[tool]
fn embed(vector: &[f64]) -> f64 {
    vector.iter().sum()
}

/// Stands in for a model, which never answers twice the same.
#[llm(model = "clockwork", provider = "local")]
fn answer(passages: &[String]) -> String {
    format!("{} passages at {:?}", passages.len(), std::time::Instant::now())
}

#[agent]
fn researcher(question: &str) -> Result<String, String> {
    let mut passages = search(question, u128::MAX);
    passages.extend(search(HARD, 2));
    passages.extend(read_file(HARD, Some("UTF-8")));
    clock();
    log_in("ada", "correct horse");
    upload(&"long ".repeat(20_000));
    embed(&[1.5, -0.0, 1e300, f64::NAN]);
    let answer = answer(&passages);
    read_file("FAQ.md", None).map(|_| answer)
}

/// Answers a question.
#[session]
pub fn ask(question: &str, retries: u8, tags: &[&str]) -> Result<String, String> {
    let mut answer = Err(tags.concat());
    for _ in 0..retries {
        answer = researcher(question);
    }
    answer
}

#[tool]
async fn fetch(url: &str) -> usize {
    tokio::task::yield_now().await;
    url.len()
}

/// Fetches two pages at the same time.
#[session]
pub async fn fetch_both(first: &str, second: &str) -> usize {
    let (first, second) = tokio::join!(fetch(first), fetch(second));
    first + second
}

#[tool]
fn index(page: u8) -> u8 {
    page
}

#[session]
fn night_shift(pages: u8) {
    (0..pages).for_each(|page| _ = index(page));
}

/// Starts a session inside of its own.
#[session]
pub fn day_shift() {
    index(7);
    night_shift(2);
    index(8);
}
