//! Parts that are played in processes of their own: a test binary, run again.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// Runs a part in a process of its own, with these variables alone: the binary's `plays_its_part`, which is an ignored
/// test, so that nothing else runs it.
pub fn play(part: &str, variables: &[(&str, &str)]) -> Output {
    command(part, variables).output().unwrap()
}

/// The same for one who is not waited for; what it says is there to be read.
pub fn start(part: &str, variables: &[(&str, &str)]) -> Child {
    let mut command = command(part, variables);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The same for one who decides where it speaks.
pub fn command(part: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "plays_its_part", "--ignored", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PART", part)
        .envs(variables.iter().copied());
    command
}

/// Returns the part that this process was started to play.
pub fn part() -> String {
    env::var("PART").expect("`PART` names the part; only other tests start one")
}

/// Lets the signals kill this process that it may have been started to ignore, by `nohup` or in a shell's
/// background.
pub fn heed_signals() {
    [libc::SIGHUP, libc::SIGINT].into_iter().for_each(|signal| set_action(signal, libc::SIG_DFL));
}

/// Sets the action of a signal to this process.
pub fn set_action(signal: libc::c_int, action: libc::sighandler_t) {
    // SAFETY: the action is one of the system's, or a function that does nothing.
    #[expect(unsafe_code, reason = "there is no other way")]
    unsafe {
        libc::signal(signal, action)
    };
}

/// Runs an example with the features of the whole workspace, as `cargo test --workspace` has built it: with those of
/// its package alone, all that it depends on would be built again.
pub fn example(name: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Where these differ, as they do from package to package, `ring` and all above it is built again.
    let of_package =
        |name: &str| name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_");
    for (variable, _) in env::vars_os() {
        if variable.to_str().is_some_and(of_package) {
            command.env_remove(variable);
        }
    }
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.args(["run", "--quiet", "--example", name, "--"]);
    command
}

/// Every file below a folder.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Returns `true` if bytes contain a word.
pub fn contain(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
