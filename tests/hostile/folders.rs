//! Folders and files that others have made, where agentops reads and writes: links, FIFOs, rights, owners.
//!
//! | fault | tests |
//! |---|---|
//! | 1, a spool that others may write to | `shared_spool_is_not_used_and_costs_no_span`, `planted_spool_files_are_not_written` |
//! | 1, a folder of sessions of others | `shared_folder_sessions_are_private_with_warning` |
//! | 6, a FIFO as session | `bad_name_costs_its_session_alone` |
//! | 6, a FIFO as lock | `shared_spool_is_not_used_and_costs_no_span`, `shared_journal_is_warned_once_and_costs_no_span` |
//! | 6, a FIFO among what dead processes left | `foreign_journals_are_named_and_ours_are_closed` |
//! | 6, a FIFO in `push` | `push_names_foreign_files_and_sends_the_rest` |
//! | 9, names of callers name files | `bad_name_costs_its_session_alone` |
//! | 9, callers fill the disk | `remote_sessions_stay_within_bounds` |
//! | 11, a `.gitignore` of others | `foreign_gitignore_is_warned_once_and_kept` |
//!
//! | held | tests |
//! |---|---|
//! | rights of what is made, whatever the umask | `files_are_private_without_a_umask` |
//! | another user lists and writes nothing | `other_user_neither_lists_nor_writes` |
//! | an id of a session is no path | `path_like_id_makes_no_file` |
//! | links as `open` and `aborted-…` touch nothing | `shared_journal_is_warned_once_and_costs_no_span` |
//! | links in the way before the start are swept | `planted_spool_files_are_not_written` |
//! | a full disk | `full_disk.rs` |
//! | a FIFO as `.gitignore` | `foreign_gitignore_is_warned_once_and_kept` |
//!
//! Each case is a process: this test binary, run again with a part to play, and killed if it does not end. Files of
//! another user are made by the administrator alone; elsewhere those cases are left out, and the test says so.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what the program says is looked at")]

use std::{
    collections::HashMap,
    env, fs,
    io::Read,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio, abort},
    sync::mpsc,
    thread,
    time::Duration,
};

use agentops::{extract, session, tool};
use agentops_core::{
    TracingConfig,
    push::{PushError, Pusher},
};
use agentops_tests::{
    collector::{Collector, closed_port},
    files::session_in,
    process::{command, files_below, part},
};
use tempfile::TempDir;

/// Nothing here takes this long, but on a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// Another user, whom no system knows.
const STRANGER: u32 = 65_533;

#[tool]
fn tick(n: u32) -> u32 {
    n + 1
}

#[session]
fn run(n: u32) -> u32 {
    tick(n)
}

/// The spans of a session of one's own, and those of a caller's that goes on here.
const OWN: u64 = 2;
const REMOTE: u64 = 1;

/// A call with a caller's headers: the trace is his choice.
fn called(trace: u128, n: u32) -> u32 {
    called_as(trace, "s", n)
}

fn called_as(trace: u128, session: &str, n: u32) -> u32 {
    let headers = HashMap::from([
        ("traceparent".to_owned(), format!("00-{trace:032x}-b7ad6b7169203331-01")),
        ("baggage".to_owned(), format!("session.id={session}")),
    ]);
    extract(&headers).in_scope(|| tick(n))
}

fn number(variable: &str) -> u32 {
    env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    if env::var_os("STRANGER").is_some() {
        become_stranger();
    }
    match part().as_str() {
        "works" => work(),
        "dies" => die(),
        "plants" => plant(),
        "floods" => flood(),
        "pushes" => push(),
        "intrudes" => intrude(),
        other => panic!("no part `{other}`"),
    }
}

fn become_stranger() {
    // SAFETY: it changes who this process is, and no memory.
    #[expect(unsafe_code, reason = "there is no other way")]
    unsafe {
        assert_eq!(libc::setuid(STRANGER), 0);
    }
}

/// A session of its own, one for trace 1 and one for trace 2, each answered.
fn work() {
    let guard = agentops::init().unwrap();
    println!("answers {} {} {}", run(1), called(1, 2), called_as(2, "../../../up", 3));
    let flushed = guard.flush();
    drop(guard);
    tell(flushed.err());
}

/// Prints what became of the spans, and why.
fn tell(error: Option<impl std::fmt::Display>) {
    let stats = agentops::stats();
    println!("kept {} spooled {} lost {}", stats.sent, stats.spooled, stats.failed + stats.dropped);
    if let Some(error) = error {
        println!("why {error}");
    }
}

/// Leaves two sessions open that have a child each.
fn die() {
    let guard = agentops::init().unwrap();
    let begin = || {
        let session = agentops::Session::start("dying");
        session.in_scope(|| tick(1));
        session
    };
    let _sessions = [begin(), begin()];
    guard.flush().unwrap();
    abort()
}

/// Somebody puts links where the next files will be written, after the start.
fn plant() {
    let guard = agentops::init().unwrap();
    let slot = Path::new(&env::var("AGENTOPS_SPOOL_DIR").unwrap()).join("0");
    let target = env::var("TARGET").unwrap();
    for number in 0..6 {
        for spans in 1..6 {
            symlink(&target, slot.join(format!("{number:020}-{spans}.tmp"))).unwrap();
        }
    }
    println!("answers {} {} {}", run(1), called(1, 2), called(2, 3));
    let flushed = guard.flush();
    drop(guard);
    tell(flushed.err());
}

fn flood() {
    let config = TracingConfig::builder().shutdown_timeout(PATIENCE / 2).console(false);
    let guard = agentops::init_with(config.build().unwrap()).unwrap();
    for trace in 1..=number("COUNT") {
        called(u128::from(trace), 1);
    }
    guard.flush().unwrap();
    drop(guard);
    tell(None::<String>);
}

fn push() {
    let config = TracingConfig::builder().build().unwrap();
    let pusher = Pusher::new(config, Duration::ZERO, |_| {}).unwrap();
    match pusher.push(Path::new(&env::var("FROM").unwrap())) {
        Ok(pushed) => {
            println!("kept {} spooled 0 lost {}", pushed.sent, pushed.skipped);
            println!("complete {}", pushed.is_complete());
            pushed.skipped_why.iter().for_each(|why| println!("why {why}"));
        }
        Err(PushError::Unreadable(_, error)) => println!("why {error}"),
        Err(error) => println!("why else {error}"),
    }
}

/// Looks, as another user, at what is in a folder.
fn intrude() {
    let dir = PathBuf::from(env::var("FROM").unwrap());
    println!("why {}", fs::read_dir(&dir).unwrap_err());
    println!("why {}", fs::write(dir.join("mine"), "").unwrap_err());
}

/// The words of a part.
struct Said {
    stdout: String,
    warnings: Vec<String>,
}

impl Said {
    /// Rest of the lines that begin with a word.
    fn after(&self, word: &str) -> Vec<String> {
        let lines = self.stdout.lines();
        // The first line stands behind the name of the test.
        let lines = lines.map(|line| line.split_once("... ").map_or(line, |(_, line)| line));
        lines
            .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .map(str::to_owned)
            .collect()
    }

    fn answers(&self) -> Vec<String> {
        self.after("answers")
    }

    /// Numbers of spans that were kept, wait on disk and were lost.
    fn counts(&self) -> [u64; 3] {
        let counts = self.after("kept").concat();
        let numbers: Vec<_> = counts.split(' ').filter_map(|word| word.parse().ok()).collect();
        numbers.try_into().unwrap()
    }
}

/// Plays a part that must end.
fn play(part: &str, variables: &[(&str, &Path)]) -> Said {
    let mut command = command(part, &[("OTEL_METRICS_EXPORTER", "none")]);
    command.envs(variables.iter().copied());
    play_as(command)
}

fn play_as(mut command: Command) -> Said {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (send, receive) = mpsc::channel();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let errors = thread::spawn(|| text(stderr));
    thread::spawn(move || send.send(text(stdout)));
    let Ok(stdout) = receive.recv_timeout(PATIENCE) else {
        child.kill().unwrap();
        panic!("it did not end; it said {}", errors.join().unwrap());
    };
    let (status, stderr) = (child.wait().unwrap(), errors.join().unwrap());
    assert!(!stderr.contains("panicked"), "{status} {stdout} {stderr}");
    let warnings = stderr.lines().filter_map(|line| line.strip_prefix("agentops: "));
    let warnings = warnings.filter(|line| !line.starts_with("session `")).map(str::to_owned);
    Said { stdout, warnings: warnings.collect() }
}

fn text(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns `true` if files can be given to another user; otherwise it prints what is left out.
fn may_give_away() -> bool {
    let file = tempfile::NamedTempFile::new().unwrap();
    let may = chown(file.path(), Some(STRANGER), None).is_ok();
    if !may {
        println!(
            "cases with files of another user are left out: only the administrator can make them"
        );
    }
    may
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn make_dir(path: &Path) {
    fs::create_dir_all(path).unwrap();
    set_mode(path, 0o700);
}

/// A thing that somebody puts where a file or a folder of ours should be, beside a file of the victim.
struct Thing {
    name: &'static str,
    put: fn(&Path, &Path),
    problem: &'static str,
    needs_administrator: bool,
}

const fn thing(name: &'static str, put: fn(&Path, &Path), problem: &'static str) -> Thing {
    Thing { name, put, problem, needs_administrator: false }
}

/// Things that may stand where a file should.
const NO_FILES: [Thing; 8] = [
    thing("fifo", |path, _| make_fifo(path), "is not a regular file"),
    thing("folder", |path, _| fs::create_dir(path).unwrap(), "is not a regular file"),
    thing("link", |path, victim| symlink(victim, path).unwrap(), "is a link"),
    thing("dangling", |path, _| symlink(path.with_extension("no"), path).unwrap(), "is a link"),
    thing("device", |path, _| symlink("/dev/zero", path).unwrap(), "is a link"),
    thing(
        "link to a fifo",
        |path, _| {
            let fifo = path.with_extension("fifo");
            make_fifo(&fifo);
            symlink(fifo, path).unwrap();
        },
        "is a link",
    ),
    thing(
        "hard link",
        |path, victim| fs::hard_link(victim, path).unwrap(),
        "has another name, a hard link",
    ),
    Thing {
        name: "foreign",
        put: |path, _| {
            fs::write(path, "").unwrap();
            set_mode(path, 0o666);
            chown(path, Some(STRANGER), None).unwrap();
        },
        problem: "belongs to another user, 65533",
        needs_administrator: true,
    },
];

/// Things that may stand where a folder should.
const NO_FOLDERS: [Thing; 4] = [
    thing(
        "open folder",
        |path, _| {
            make_dir(path);
            set_mode(path, 0o777);
        },
        "may be written to by other users",
    ),
    thing("link", |path, victim| symlink(victim.parent().unwrap(), path).unwrap(), "is a link"),
    thing("fifo", |path, _| make_fifo(path), "is not a folder"),
    Thing {
        name: "foreign",
        put: |path, _| {
            make_dir(path);
            chown(path, Some(STRANGER), None).unwrap();
        },
        problem: "belongs to another user, 65533",
        needs_administrator: true,
    },
];

/// A folder to play in, with a file of the victim in one beside it.
struct Ground {
    dir: TempDir,
    victim: PathBuf,
}

const TREASURE: &str = "treasure";

impl Ground {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let victim = dir.path().join("victim/file");
        make_dir(victim.parent().unwrap());
        fs::write(&victim, TREASURE).unwrap();
        set_mode(&victim, 0o600);
        Self { dir, victim }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A folder that everybody may write to.
    fn open_folder(&self, name: &str) -> PathBuf {
        let path = self.at(name);
        make_dir(&path);
        set_mode(&path, 0o777);
        path
    }

    /// Nothing of the victim's was changed, and nothing is beside it.
    fn assert_untouched(&self, case: &str) {
        assert_eq!(fs::read_to_string(&self.victim).unwrap(), TREASURE, "{case}");
        assert_eq!(files_below(self.victim.parent().unwrap()), [self.victim.as_path()], "{case}");
    }
}

fn cases(things: &'static [Thing]) -> impl Iterator<Item = &'static Thing> {
    let may_give_away = may_give_away();
    things.iter().filter(move |thing| may_give_away || !thing.needs_administrator)
}

const ANSWERS: &str = "2 3 4";
const ALL: u64 = OWN + 2 * REMOTE;

#[test]
fn shared_spool_is_not_used_and_costs_no_span() {
    let places: [(&[&str], &str, &'static [Thing]); 5] = [
        (&[], "sp", &NO_FOLDERS),
        (&["sp"], "sp/0", &NO_FOLDERS),
        (&["sp", "sp/0"], "sp/0/open", &NO_FOLDERS),
        (&["sp", "sp/0"], "sp/0/aborted-1-0", &NO_FOLDERS),
        (&["sp", "sp/0"], "sp/0/lock", &NO_FILES),
    ];
    for (parents, place, things) in places {
        for thing in cases(things) {
            let case = format!("{} as {place}", thing.name);
            let ground = Ground::new();
            parents.iter().for_each(|parent| make_dir(&ground.at(parent)));
            (thing.put)(&ground.at(place), &ground.victim);
            let collector = Collector::start();
            let spool = ground.at("sp");
            let said = play(
                "works",
                &[
                    ("AGENTOPS_SPOOL_DIR", &spool),
                    ("AGENTOPS_EXPORTER_ENDPOINT", collector.address().as_ref()),
                ],
            );
            assert_eq!(said.answers(), [ANSWERS], "{case}");
            assert_eq!(said.counts(), [ALL, 0, 0], "{case}");
            assert_eq!(collector.spans().len() as u64, ALL, "{case}");
            let [warning] = &said.warnings[..] else { panic!("{case}: {:?}", said.warnings) };
            let trouble = format!(
                "the spool `{}` is not used: `{}` {}; ",
                spool.display(),
                ground.at(place).display(),
                thing.problem
            );
            assert!(warning.starts_with(&trouble), "{case}: {warning}");
            let rest =
                "or set `AGENTOPS_SPOOL_DIR` to another one; spans are sent from memory meanwhile";
            assert!(warning.ends_with(rest), "{case}: {warning}");
            ground.assert_untouched(&case);
        }
    }
}

#[test]
fn planted_spool_files_are_not_written() {
    let ground = Ground::new();
    let (spool, slot) = (ground.at("sp"), ground.at("sp/0"));
    [&spool, &slot].into_iter().for_each(|dir| make_dir(dir));
    // Before the start, too: those are swept.
    let early = slot.join("00000000000000000000-9.tmp");
    symlink(&ground.victim, &early).unwrap();
    let endpoint = closed_port();
    let said = play(
        "plants",
        &[
            ("AGENTOPS_SPOOL_DIR", &spool),
            ("AGENTOPS_EXPORTER_ENDPOINT", endpoint.as_ref()),
            ("TARGET", &ground.victim),
        ],
    );
    assert_eq!((said.answers(), said.counts()), (vec![ANSWERS.to_owned()], [0, ALL, 0]));
    ground.assert_untouched("links");
    assert!(early.symlink_metadata().is_err());
    let files = files_below(&slot);
    let segments = files.iter().filter(|path| path.extension().is_some_and(|it| it == "otlp"));
    for segment in segments {
        let metadata = segment.symlink_metadata().unwrap();
        let own = fs::metadata(ground.dir.path()).unwrap().uid();
        assert!(metadata.is_file(), "{segment:?}");
        assert_eq!((metadata.uid(), metadata.mode() & 0o777, metadata.nlink()), (own, 0o600, 1));
    }
}

/// A folder of sessions in which others have a hand.
struct Shared {
    name: &'static str,
    make: fn(&Ground) -> PathBuf,
    problem: &'static str,
    needs_administrator: bool,
}

const SHARED: [Shared; 5] = [
    Shared {
        name: "open",
        make: |ground| ground.open_folder("sessions"),
        problem: "may be written to by other users",
        needs_administrator: false,
    },
    Shared {
        name: "a link",
        make: |ground| {
            make_dir(&ground.at("elsewhere"));
            symlink(ground.at("elsewhere"), ground.at("sessions")).unwrap();
            ground.at("sessions")
        },
        problem: "is a link",
        needs_administrator: false,
    },
    // Whoever may write there can put theirs in the place of ours.
    Shared {
        name: "below a link to an open one",
        make: |ground| {
            symlink(ground.open_folder("shared"), ground.at(".agentops")).unwrap();
            ground.at(".agentops/sessions")
        },
        problem: "may be written to by other users",
        needs_administrator: false,
    },
    Shared {
        name: "below a link to another's",
        make: |ground| {
            make_dir(&ground.at("shared"));
            chown(ground.at("shared"), Some(STRANGER), None).unwrap();
            symlink(ground.at("shared"), ground.at(".agentops")).unwrap();
            ground.at(".agentops/sessions")
        },
        problem: "belongs to another user, 65533",
        needs_administrator: true,
    },
    Shared {
        name: "another's",
        make: |ground| {
            make_dir(&ground.at("sessions"));
            chown(ground.at("sessions"), Some(STRANGER), None).unwrap();
            ground.at("sessions")
        },
        problem: "belongs to another user, 65533",
        needs_administrator: true,
    },
];

#[test]
fn shared_folder_sessions_are_private_with_warning() {
    let may_give_away = may_give_away();
    let kinds = SHARED.iter().filter(|kind| may_give_away || !kind.needs_administrator);
    for Shared { name: case, make, problem, .. } in kinds {
        let ground = Ground::new();
        let dir = make(&ground);
        let said = play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
        assert_eq!(
            (said.answers(), said.counts()),
            (vec![ANSWERS.to_owned()], [ALL, 0, 0]),
            "{case}"
        );
        let of_others: Vec<_> = said
            .warnings
            .iter()
            .filter(|line| line.starts_with("others may have a hand in the sessions in"))
            .collect();
        let [warning] = &of_others[..] else { panic!("{case}: {:?}", said.warnings) };
        assert!(warning.contains(problem), "{case}: {warning}");
        assert!(warning.ends_with(", or set `AGENTOPS_LOCAL_DIR` to another folder"), "{warning}");
        let own = fs::metadata(ground.dir.path()).unwrap().uid();
        let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|it| it.unwrap().path()).collect();
        let files = files.iter().filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
        let rights: Vec<_> = files
            .map(|file| file.metadata().unwrap())
            .map(|it| (it.uid(), it.mode() & 0o777))
            .collect();
        assert_eq!(rights, [(own, 0o600); 3], "{case}");
    }
}

#[test]
fn bad_name_costs_its_session_alone() {
    for thing in cases(&NO_FILES) {
        let (case, ground) = (thing.name, Ground::new());
        let dir = ground.at("sessions");
        make_dir(&dir);
        let planted = dir.join(format!("{:032x}.jsonl", 1));
        (thing.put)(&planted, &ground.victim);
        let said = play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
        assert_eq!(said.answers(), [ANSWERS], "{case}");
        assert_eq!(said.counts(), [ALL - REMOTE, 0, REMOTE], "{case}");
        let [why] = &said.after("why")[..] else { panic!("{case}: {}", said.stdout) };
        let trouble =
            format!("a session cannot be written: `{}` {}; ", planted.display(), thing.problem);
        assert!(why.contains(&trouble), "{case}: {why}");
        assert!(said.warnings.iter().any(|line| line.contains(&trouble)), "{case}");
        ground.assert_untouched(case);
        assert!(planted.with_extension("no").symlink_metadata().is_err(), "{case}");
        let other = dir.join(format!("{:032x}.jsonl", 2));
        assert_eq!(fs::read_to_string(other).unwrap().lines().count(), 1, "{case}");
    }
}

#[test]
fn shared_journal_is_warned_once_and_costs_no_span() {
    let places: [(&[&str], &str, &'static [Thing]); 5] = [
        (&["s"], "s/.open", &NO_FOLDERS),
        (&["s", "s/.open"], "s/.open/0", &NO_FOLDERS),
        (&["s", "s/.open", "s/.open/0"], "s/.open/0/open", &NO_FOLDERS),
        (&["s", "s/.open", "s/.open/0"], "s/.open/0/aborted-1-0", &NO_FOLDERS),
        (&["s", "s/.open", "s/.open/0"], "s/.open/0/lock", &NO_FILES),
    ];
    for (parents, place, things) in places {
        for thing in cases(things) {
            let case = format!("{} as {place}", thing.name);
            let ground = Ground::new();
            parents.iter().for_each(|parent| make_dir(&ground.at(parent)));
            (thing.put)(&ground.at(place), &ground.victim);
            let said = play("works", &[("AGENTOPS_LOCAL_DIR", &ground.at("s"))]);
            assert_eq!(said.answers(), [ANSWERS], "{case}");
            assert_eq!(said.counts(), [ALL, 0, 0], "{case}");
            let [warning] = &said.warnings[..] else { panic!("{case}: {:?}", said.warnings) };
            assert!(warning.contains("stays without a root"), "{case}: {warning}");
            let trouble = format!("`{}` {}; ", ground.at(place).display(), thing.problem);
            assert!(warning.contains(&trouble), "{case}: {warning}");
            ground.assert_untouched(&case);
        }
    }
}

#[test]
fn foreign_journals_are_named_and_ours_are_closed() {
    for thing in cases(&NO_FILES) {
        let (case, ground) = (thing.name, Ground::new());
        let dir = ground.at("sessions");
        play("dies", &[("AGENTOPS_LOCAL_DIR", &dir)]);
        let open = dir.join(".open/0/open");
        let planted = open.join(format!("{:032x}-{:016x}", 1, 1));
        (thing.put)(&planted, &ground.victim);
        let said = play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
        assert_eq!(
            (said.answers(), said.counts()),
            (vec![ANSWERS.to_owned()], [ALL, 0, 0]),
            "{case}"
        );
        let named: Vec<_> =
            said.warnings.iter().filter(|line| line.contains(thing.problem)).collect();
        let [warning] = &named[..] else { panic!("{case}: {:?}", said.warnings) };
        let name = planted.file_name().unwrap().to_str().unwrap();
        assert!(
            warning.contains(name) && warning.contains("cannot be closed"),
            "{case}: {warning}"
        );
        ground.assert_untouched(case);
        let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|it| it.unwrap().path()).collect();
        let dying = files.iter().filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
        let dying = dying.filter(|file| fs::read_to_string(file).unwrap().contains("Aborted"));
        let closed: Vec<_> = dying.map(|file| session_in(file).len()).collect();
        assert_eq!(closed, [2, 2], "{case}");
    }
}

#[test]
fn push_names_foreign_files_and_sends_the_rest() {
    let ground = Ground::new();
    let dir = ground.at("sessions");
    play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
    let mut expected = Vec::new();
    for (place, thing) in cases(&NO_FILES).enumerate() {
        // Their own names sort before and after those of the sessions.
        let planted =
            dir.join(format!("{}{}.jsonl", if place % 2 == 0 { "!" } else { "~" }, place));
        (thing.put)(&planted, &ground.victim);
        expected.push(format!("`{}` {}; ", planted.display(), thing.problem));
        let collector = Collector::start();
        let named = play(
            "pushes",
            &[("FROM", &planted), ("AGENTOPS_EXPORTER_ENDPOINT", collector.address().as_ref())],
        );
        // What the user names is his word, as far as it is a file.
        let is_no_file = ["fifo", "folder", "device", "link to a fifo"].contains(&thing.name);
        let refused = named.after("why").concat().contains("is not a regular file");
        assert_eq!(
            refused,
            is_no_file && thing.name != "folder",
            "{} {}",
            thing.name,
            named.stdout
        );
    }
    expected.sort();
    let collector = Collector::start();
    let said = play(
        "pushes",
        &[("FROM", &dir), ("AGENTOPS_EXPORTER_ENDPOINT", collector.address().as_ref())],
    );
    assert_eq!(said.counts(), [ALL, 0, expected.len() as u64]);
    assert_eq!(said.after("complete"), ["false"]);
    assert_eq!(collector.spans().len() as u64, ALL);
    let named = said.after("why");
    assert_eq!(named.len(), expected.len(), "{named:?}");
    for (named, expected) in named.iter().zip(&expected) {
        assert!(named.starts_with(expected), "{named} {expected}");
    }
    ground.assert_untouched("push");
}

#[test]
fn remote_sessions_stay_within_bounds() {
    let (dir, count) = (TempDir::new().unwrap(), 4000);
    let said = play(
        "floods",
        &[
            ("AGENTOPS_LOCAL_DIR", dir.path()),
            ("AGENTOPS_LOCAL_MAX_SESSIONS", "100".as_ref()),
            ("COUNT", count.to_string().as_ref()),
        ],
    );
    assert_eq!(said.counts(), [count * REMOTE, 0, 0]);
    let left = sessions_at(dir.path()).len();
    // 1,000 that were written just now are spared, and a batch is looked at when it is written.
    assert!((100..=100 + 1000 + 2048).contains(&left), "{left}");
    // Once they are a minute old, none is spared.
    for path in files_below(dir.path()) {
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }
    // One look takes half a second at the most.
    let bound: (&str, &Path) = ("AGENTOPS_LOCAL_MAX_SESSIONS", "100".as_ref());
    for _ in 0..100 {
        if sessions_at(dir.path()).len() > 100 {
            play("works", &[("AGENTOPS_LOCAL_DIR", dir.path()), bound]);
        }
    }
    assert_eq!(sessions_at(dir.path()).len(), 100);
}

fn sessions_at(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect()
}

#[test]
fn foreign_gitignore_is_warned_once_and_kept() {
    type Put = fn(&Path, &Path);
    let kinds: [(&str, Put); 6] = [
        ("taken back", |path, _| fs::write(path, "*\n!*\n").unwrap()),
        ("empty", |path, _| fs::write(path, "").unwrap()),
        ("fifo", |path, _| make_fifo(path)),
        ("dangling", |path, _| symlink(path.with_extension("no"), path).unwrap()),
        ("link", |path, victim| symlink(victim, path).unwrap()),
        ("folder", |path, _| fs::create_dir(path).unwrap()),
    ];
    for (case, put) in kinds {
        let ground = Ground::new();
        let (dir, spool) = (ground.at("sessions"), ground.at("sp"));
        let collector = Collector::start();
        for (variables, dir) in [
            (vec![("AGENTOPS_LOCAL_DIR", dir.as_path())], &dir),
            (
                vec![
                    ("AGENTOPS_SPOOL_DIR", spool.as_path()),
                    ("AGENTOPS_EXPORTER_ENDPOINT", collector.address().as_ref()),
                ],
                &spool,
            ),
        ] {
            make_dir(dir);
            let planted = dir.join(".gitignore");
            put(&planted, &ground.victim);
            let before = planted.symlink_metadata().unwrap();
            let said = play("works", &variables);
            assert_eq!(said.counts(), [ALL, 0, 0], "{case}");
            let expected = format!(
                "what was said to a model may be committed to git: `{0}` does not hide from git what is beside \
                 it; put a line `*` alone into `{0}`",
                planted.display()
            );
            assert_eq!(said.warnings, [expected], "{case}");
            let after = planted.symlink_metadata().unwrap();
            assert_eq!((before.ino(), before.len()), (after.ino(), after.len()), "{case}");
            assert!(planted.with_extension("no").symlink_metadata().is_err(), "{case}");
            ground.assert_untouched(case);
        }
    }
}

/// Everything below a folder, with its rights.
fn rights_below(dir: &Path) -> Vec<(PathBuf, u32)> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let rights = entries.flat_map(|path| {
        let metadata = path.symlink_metadata().unwrap();
        let below = if metadata.is_dir() { rights_below(&path) } else { Vec::new() };
        [vec![(path, metadata.mode() & 0o777)], below].concat()
    });
    rights.collect()
}

#[test]
fn files_are_private_without_a_umask() {
    let ground = Ground::new();
    let (deep, spool) = (ground.at("deep/sessions"), ground.at("deep/spool"));
    let endpoint = closed_port();
    for (part, variables) in [
        ("works", vec![("AGENTOPS_LOCAL_DIR", deep.as_path())]),
        ("dies", vec![("AGENTOPS_LOCAL_DIR", deep.as_path())]),
        (
            "works",
            vec![
                ("AGENTOPS_SPOOL_DIR", spool.as_path()),
                ("AGENTOPS_EXPORTER_ENDPOINT", endpoint.as_ref()),
            ],
        ),
    ] {
        let player = command(part, &[]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(player.get_program());
        shell.args(player.get_args()).env_clear().env("PART", part).envs(variables);
        play_as(shell);
    }
    let rights = rights_below(&ground.at("deep"));
    for (path, mode) in &rights {
        assert_eq!(*mode, if path.is_dir() { 0o700 } else { 0o600 }, "{path:?}");
    }
    let named = |name: &str| rights.iter().any(|(path, _)| path.to_str().unwrap().contains(name));
    for name in [".jsonl", ".gitignore", ".open/0/lock", ".open/0/open/", ".otlp", "spool/0/lock"] {
        assert!(named(name), "{name} {rights:?}");
    }
}

#[test]
fn other_user_neither_lists_nor_writes() {
    if !may_give_away() {
        return;
    }
    let ground = Ground::new();
    // Up to here he may go.
    set_mode(ground.dir.path(), 0o755);
    let (dir, spool) = (ground.at("sessions"), ground.at("sp"));
    let endpoint = closed_port();
    play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
    play(
        "works",
        &[("AGENTOPS_SPOOL_DIR", &spool), ("AGENTOPS_EXPORTER_ENDPOINT", endpoint.as_ref())],
    );
    for dir in [&dir, &spool] {
        let said = play("intrudes", &[("FROM", dir), ("STRANGER", "1".as_ref())]);
        assert_eq!(said.after("why"), ["Permission denied (os error 13)"; 2], "{dir:?}");
    }
}

#[test]
fn path_like_id_makes_no_file() {
    let ground = Ground::new();
    let dir = ground.at("a/b/c/sessions");
    let said = play("works", &[("AGENTOPS_LOCAL_DIR", &dir)]);
    assert_eq!(said.counts(), [ALL, 0, 0]);
    let mut names: Vec<_> = sessions_at(&dir)
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.retain(|name| name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(names.len(), 3);
    let outside = files_below(ground.dir.path()).into_iter().filter(|path| !path.starts_with(&dir));
    assert_eq!(outside.collect::<Vec<_>>(), [ground.victim.as_path()]);
}
