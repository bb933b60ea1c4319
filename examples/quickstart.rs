//! A small agent on real input: it answers a question from the files of a folder.
//!
//! ```text
//! cargo run -p agentops-examples --example quickstart -- [FOLDER] [QUESTION]
//! ```
//!
//! The session appears as a tree on stderr and as a file under `.agentops/sessions/`. The model is a
//! stand-in that needs no key: it picks the sentences that share the most words with the question.
#![expect(clippy::print_stdout, reason = "the answer goes to stdout")]

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

use agentops::{Usage, agent, llm, session, tool};
use serde::Serialize;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = agentops::init()?;
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().map_or_else(repository, PathBuf::from);
    let question =
        arguments.next().unwrap_or_else(|| "What is a session and how does it end?".to_owned());

    println!("{question}\n\n{}\n", ask(&question, &folder)?);
    guard.shutdown()?;
    Ok(())
}

fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// One question, one session: the root of one trace.
#[session(tags("quickstart"))]
fn ask(question: &str, folder: &Path) -> io::Result<String> {
    let passages = research(question, folder)?;
    Ok(answer(question, &passages))
}

/// Finds the passages of a folder that are worth reading.
#[agent(role = "researcher")]
fn research(question: &str, folder: &Path) -> io::Result<Vec<Passage>> {
    // The answer often has a file of its own. Where it has none the tool fails, and the agent goes on.
    if let Ok(text) = read_file(&folder.join("FAQ.md")) {
        return Ok(vec![Passage { file: "FAQ.md".into(), text }]);
    }
    let files = list_files(folder)?;
    let hits = search(&files, &words(question));
    hits.into_iter()
        .take(3)
        .map(|hit| Ok(Passage { text: read_file(&hit.file)?, file: hit.file }))
        .collect()
}

#[derive(Clone, Serialize)]
struct Passage {
    file: PathBuf,
    text: String,
}

#[derive(Serialize)]
struct Hit {
    file: PathBuf,
    matches: usize,
}

/// Lists the documents below a folder.
#[tool]
fn list_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let hidden =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if hidden || path.ends_with("target") => {}
                _ if path.is_dir() => folders.push(path),
                Some("md" | "txt") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Finds the files that say the most about some words, best first.
#[tool(skip(files), fields(files = files.len()))]
fn search(files: &[PathBuf], words: &BTreeSet<String>) -> Vec<Hit> {
    let mut hits: Vec<_> = files
        .iter()
        .filter_map(|file| {
            let text = fs::read_to_string(file).ok()?;
            let matches = self::words(&text).intersection(words).count();
            (matches > 0).then(|| Hit { file: file.clone(), matches })
        })
        .collect();
    hits.sort_by(|a, b| b.matches.cmp(&a.matches).then_with(|| a.file.cmp(&b.file)));
    hits.truncate(10);
    hits
}

/// Reads a file.
#[tool(max_len = 2048)]
fn read_file(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

/// An extractive scorer, not a language model: it returns the sentences that share the most words with
/// the question. Its tokens are words.
#[llm(model = "extractive-scorer", provider = "local", max_len = 2048)]
fn answer(question: &str, passages: &[Passage]) -> String {
    let asked = words(question);
    let paragraphs = passages.iter().flat_map(|passage| passage.text.split("\n\n"));
    let mut scored: Vec<_> = paragraphs
        .filter(|paragraph| paragraph.starts_with(char::is_uppercase))
        .flat_map(|paragraph| paragraph.split(". ").map(one_line))
        .map(|sentence| (words(&sentence).intersection(&asked).count(), sentence))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.cmp(right)));
    scored.dedup();
    let best: Vec<_> = scored.into_iter().take(3).map(|(_, sentence)| sentence).collect();
    let answer = best.join("\n");

    let read: usize = passages.iter().map(|passage| passage.text.split_whitespace().count()).sum();
    let asked = question.split_whitespace().count();
    agentops::current().set_usage(
        Usage::new().input((asked + read) as u64).output(answer.split_whitespace().count() as u64),
    );
    answer
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words that carry meaning, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| word.len() > 3).collect()
}
