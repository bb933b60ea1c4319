//! Browser of the user.

use std::{
    env,
    process::{Command, Stdio},
    thread,
};

/// Returns what a user who is logged in from elsewhere runs there to reach a port; `None` for one who is here.
pub(super) fn tunnel(port: u16) -> Option<String> {
    let connection = env::var("SSH_CONNECTION").ok()?;
    // Addresses and ports of both ends: theirs, then ours.
    let host = connection.split(' ').nth(2).filter(|host| !host.is_empty()).unwrap_or("HOST");
    Some(format!("from your own machine: ssh -L {port}:127.0.0.1:{port} {host}"))
}

/// Opens an address, if there is a browser and a screen for it. The command goes on in any case.
pub(super) fn open(address: &str) {
    let Some(mut command) = opener() else { return };
    let command = command.arg(address);
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        // So that it does not stay as a process that has ended.
        thread::spawn(move || child.wait());
    }
}

fn opener() -> Option<Command> {
    if cfg!(target_os = "macos") {
        return Some(Command::new("open"));
    }
    if cfg!(windows) {
        let mut command = Command::new("cmd");
        // The first argument of `start` in quotes is a title.
        command.args(["/C", "start", ""]);
        return Some(command);
    }
    let has_screen = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_here = has_screen("DISPLAY") || has_screen("WAYLAND_DISPLAY");
    is_here.then(|| Command::new("xdg-open"))
}
