//! Parts that are played in processes of their own: a test binary, run again.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Plays a part, with these variables alone: the binary's test `plays_its_part`, which finds it in `PART`.
pub fn play(part: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "plays_its_part", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PART", part)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Every file below a folder.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Whether bytes contain a word.
pub fn contain(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
