//! `agentops view` as a person starts it, and as a browser asks it.
#![cfg(feature = "view")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// Longest time that anything here may take.
const LIMIT: Duration = Duration::from_secs(60);

const SESSION: &str = "4164892000000000000000000000000a";
const LINE: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"4164892000000000000000000000000a","spanId":"1111111111111111","name":"ask","startTimeUnixNano":"1000","endTimeUnixNano":"2000","attributes":[{"key":"agentops.span.kind","value":{"stringValue":"session"}},{"key":"agentops.session.end_state","value":{"stringValue":"Success"}}]}]}]}]}"#;

/// Home of a user with a folder of sessions.
struct Home {
    dir: TempDir,
}

/// Server that runs, and its lines.
struct View {
    /// `None` once it has ended.
    child: Option<Child>,
    address: String,
    lines: BufReader<ChildStdout>,
}

impl Home {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("sessions")).unwrap();
        fs::write(dir.path().join(format!("sessions/{SESSION}.jsonl")), format!("{LINE}\n"))
            .unwrap();
        Self { dir }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agentops"));
        command.arg("view").args(arguments).current_dir(self.dir.path());
        command.env_clear().env("HOME", self.dir.path());
        command
    }

    fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> View {
        let mut command = self.command(arguments);
        let command = command.envs(variables.iter().copied()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        lines.read_line(&mut address).unwrap();
        View { child: Some(child), address: address.trim_end().to_owned(), lines }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

impl View {
    /// Returns host and port, and the secret.
    fn parts(&self) -> (&str, &str) {
        let rest = self.address.strip_prefix("http://").unwrap().strip_suffix('/').unwrap();
        rest.split_once('/').unwrap()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.parts().0).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Asks for a path below the secret. Returns the first line of the answer and its content.
    fn get(&self, path: &str) -> (String, String) {
        let (host, token) = self.parts();
        let mut stream = self.connect();
        let head =
            format!("GET /{token}/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    /// Returns a document.
    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).1).unwrap()
    }

    /// Interrupts it as Ctrl-C does, and waits for its end.
    #[cfg(unix)]
    fn interrupt(mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let (sender, ended) = channel();
        thread::spawn(move || sender.send(child.wait().unwrap()));
        ended.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("process {id} goes on"))
    }
}

/// Server that is left behind by a test that fails.
impl Drop for View {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn view_serves_page_and_session_until_killed() {
    let home = Home::new();
    let view = home.start(&["sessions", "--no-open", "--port", "0"], &[]);
    let (status, page) = view.get("");
    assert_eq!((&*status, page.contains("app.js")), ("HTTP/1.1 200 OK", true));
    let (_, session) = view.get(&format!("api/s/{SESSION}"));
    let session: Value = serde_json::from_str(&session).unwrap();
    assert_eq!((&session["nodes"], &session["state"]), (&1.into(), &"ok".into()));
    let (status, _) = view.get("api/s/none");
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
}

#[cfg(unix)]
#[test]
fn view_ends_by_interrupt_with_open_connections() {
    let home = Home::new();
    let view = home.start(&["sessions", "--no-open"], &[]);
    // Once it answers, it waits for the signal, too.
    view.get("");
    let mut open = view.connect();
    open.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    assert_eq!(view.interrupt().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn address_lives_until_a_new_token_is_wanted() {
    let home = Home::new();
    let address = |arguments: &[&str]| {
        let view = home.start(&[&["sessions", "--no-open"], arguments].concat(), &[]);
        let address = view.address.clone();
        view.get("");
        view.interrupt();
        address
    };
    let [first, second, third] = [address(&[]), address(&[]), address(&["--new-token"])];
    assert_eq!(first, second);
    assert_ne!(second, third);
    assert_eq!(third, address(&[]));
}

#[test]
fn second_server_of_a_folder_takes_another_port() {
    let home = Home::new();
    let [one, other] = [(); 2].map(|()| home.start(&["sessions", "--no-open"], &[]));
    assert_ne!(one.parts().0, other.parts().0);
    assert_eq!(one.parts().1, other.parts().1);
}

#[test]
fn port_of_another_program_is_refused_with_a_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Home::new().output(&["sessions", "--no-open", "--port", &port]);
    let expected = format!(
        "agentops: another program has the port {port}; leave out `--port`, or name another one\n"
    );
    assert_eq!(
        (output.status.code(), String::from_utf8(output.stderr).unwrap()),
        (Some(2), expected)
    );
}

#[test]
fn file_of_any_traces_is_served_if_it_is_there() {
    let home = Home::new();
    let file = format!("sessions/{SESSION}.jsonl");
    let view = home.start(&[&file, "--no-open"], &[]);
    let (_, list) = view.get("api/sessions");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list["folder"], &list["sessions"][0]["id"]), (&file.into(), &SESSION.into()));
    let output = home.output(&["none.jsonl", "--no-open"]);
    let expected = "agentops: `none.jsonl` cannot be read: No such file or directory (os error 2); \
        check the path\n";
    assert_eq!(
        (output.status.code(), &*String::from_utf8(output.stderr).unwrap()),
        (Some(2), expected)
    );
}

#[test]
fn user_from_elsewhere_is_told_how_to_reach_the_page() {
    let variables = [("SSH_CONNECTION", "192.0.2.7 50123 192.0.2.9 22"), ("DISPLAY", ":0")];
    let mut view = Home::new().start(&["sessions"], &variables);
    let mut line = String::new();
    view.lines.read_line(&mut line).unwrap();
    let (_, port) = view.parts().0.split_once(':').unwrap();
    assert_eq!(line, format!("from your own machine: ssh -L {port}:127.0.0.1:{port} 192.0.2.9\n"));
}

#[test]
fn folder_that_is_not_there_yet_is_served_empty() {
    let home = Home::new();
    let view = home.start(&["later", "--no-open"], &[]);
    let (_, list) = view.get("api/sessions");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list["folder"], &list["sessions"]), (&"later".into(), &Value::Array(Vec::new())));
    fs::rename(home.dir.path().join("sessions"), home.dir.path().join("later")).unwrap();
    let start = Instant::now();
    // A look at the store counts for a moment.
    while view.get(&format!("api/s/{SESSION}")).0 != "HTTP/1.1 200 OK" {
        assert!(start.elapsed() < LIMIT, "the folder is not seen");
    }
}

#[test]
fn several_files_are_served_as_one_list() {
    let home = Home::new();
    let other = LINE.replace(SESSION, &"b".repeat(32)).replace("\"ask\"", "\"other\"");
    fs::write(home.dir.path().join("other.jsonl"), format!("{other}\n")).unwrap();
    let file = format!("sessions/{SESSION}.jsonl");
    let view = home.start(&[&file, "other.jsonl", &file, "--no-open"], &[]);
    let list = view.json("api/sessions");
    let sessions = list["sessions"].as_array().unwrap().iter();
    let names: Vec<_> = sessions.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!((names, &list["folder"]), (vec!["ask", "other"], &Value::from("2 files")));
    assert_eq!(list["paths"], serde_json::json!([file, "other.jsonl"]));
    assert_eq!(view.json(&format!("api/s/{}", "b".repeat(32)))["name"], "other");
}

#[test]
fn path_that_is_missing_among_several_starts_nothing() {
    let home = Home::new();
    let output = home.output(&["sessions", "runs", "--no-open"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    assert!(error.contains("there is no folder and no file `runs`"), "{error}");
}
