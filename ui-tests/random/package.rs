//! A generated package that is compiled and run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A package on disk, below the target folder.
pub(crate) struct Package {
    dir: PathBuf,
}

/// An error of the compiler.
#[derive(Debug)]
pub(crate) struct CompileError {
    message: String,
    code: Option<String>,
    /// The source that the error underlines or stands in, and the function around it.
    source: String,
}

impl CompileError {
    /// Errors of rustc have a code, ours have none; a panic of a macro is nobody's diagnostic.
    pub(crate) fn is_foreign(&self) -> bool {
        self.code.is_some() || self.message.contains("panicked")
    }

    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.source.contains(word)
    }
}

impl Package {
    pub(crate) fn new(name: &str, program: &str) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let dir = target_dir().join("tests").join(name);
        fs::create_dir_all(dir.join("src")).unwrap();
        let agentops = workspace.join("agentops");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nagentops = {{ path = {agentops:?} }}\nasync-trait = \"0.1\"\n\
             futures-util = {{ version = \"0.3\", default-features = false, features = [\"alloc\"] }}\n\n\
             [workspace]\n"
        );
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        fs::copy(workspace.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        fs::write(dir.join("src/main.rs"), program).unwrap();
        Self { dir }
    }

    /// Compiles and runs it.
    pub(crate) fn run(&self) -> Output {
        self.cargo().args(["run", "--quiet"]).output().unwrap()
    }

    /// The errors that compiling it gives.
    pub(crate) fn errors(&self) -> Vec<CompileError> {
        let output = self.cargo().args(["check", "--message-format=json"]).output().unwrap();
        let source = fs::read_to_string(self.dir.join("src/main.rs")).unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let messages = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        messages
            .filter(|it| it["reason"] == "compiler-message" && it["message"]["level"] == "error")
            .filter(|it| !it["message"]["spans"].as_array().unwrap().is_empty())
            .map(|it| error(&it["message"], &source))
            .collect()
    }

    /// Both packages share a folder, so that what they depend on is compiled once.
    fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.dir).env("CARGO_TARGET_DIR", target_dir().join("tests/random"));
        cargo.env("AGENTOPS_CONSOLE", "off");
        cargo
    }
}

fn error(message: &Value, source: &str) -> CompileError {
    let span = &message["spans"][0];
    let line = usize::try_from(span["line_start"].as_u64().unwrap()).unwrap();
    CompileError {
        message: message["message"].as_str().unwrap().to_owned(),
        code: message["code"]["code"].as_str().map(str::to_owned),
        // An attribute takes a line, another's the next, its function or its block the last.
        source: source.lines().skip(line - 1).take(3).collect::<Vec<_>>().join("\n"),
    }
}

/// The folder that this test was built into.
fn target_dir() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("tests are built two folders deep");
    profile.parent().unwrap().to_owned()
}
