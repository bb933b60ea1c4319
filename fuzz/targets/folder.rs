//! Whatever is in the folder of a spool, a program starts and ends in time, every span is accounted for, and a later
//! start counts no loss again.
#![no_main]

use std::{
    ffi::CString,
    fs::{self, DirBuilder, File},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::{ffi::OsStrExt, fs::DirBuilderExt},
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use agentops::{Stats, TracingConfig, TracingCore};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// A number that somebody may put where one of ours was.
#[derive(Arbitrary, Debug)]
enum Wild {
    Small(u8),
    Edge(u8),
    Any(u64),
}

const EDGES: [u64; 8] = [
    1 << 28,
    (1 << 28) + 1,
    1 << 62,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    u64::MAX - 1,
    u64::MAX,
];

impl Wild {
    fn number(&self) -> u64 {
        match self {
            Self::Small(number) => u64::from(*number % 8),
            Self::Edge(edge) => EDGES[usize::from(*edge) % EDGES.len()],
            Self::Any(number) => *number,
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Place {
    Folder,
    Slot(u8),
    Open(u8),
    Aborted { slot: u8, moment: Wild, from: Wild },
}

#[derive(Arbitrary, Debug)]
enum Name {
    Segment { number: Wild, spans: Wild, digits: bool, unfinished: bool },
    Start(u64, u64),
    Slot(u8),
    Lock,
    Open,
    Aborted(Wild, Wild),
    Gitignore,
    Any(String),
}

#[derive(Arbitrary, Debug)]
enum Content {
    Any(Vec<u8>),
    Segment { labelled: Wild, here: bool, packed: bool, body: Body },
    Torn { labelled: Wild, spans: u8, length: u8 },
}

#[derive(Arbitrary, Debug)]
enum Body {
    Spans(u8),
    Any(Vec<u8>),
}

#[derive(Arbitrary, Debug)]
enum Thing {
    File(Content),
    Sparse(u64),
    Folder,
    Fifo,
    Link,
    LinkToNowhere,
    LinkToEndless,
    LinkToFolder,
    HardLink,
}

#[derive(Arbitrary, Debug)]
struct Planted {
    place: Place,
    name: Name,
    thing: Thing,
}

#[derive(Arbitrary, Debug)]
struct Spool {
    planted: Vec<Planted>,
    /// `true` if the far side takes anything at the first start.
    refuses: bool,
}

impl Place {
    fn path(&self) -> PathBuf {
        let slot = |slot: &u8| PathBuf::from((slot % 4).to_string());
        match self {
            Self::Folder => PathBuf::new(),
            Self::Slot(number) => slot(number),
            Self::Open(number) => slot(number).join("open"),
            Self::Aborted { slot: number, moment, from } => {
                slot(number).join(format!("aborted-{}-{}", moment.number(), from.number()))
            }
        }
    }
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Segment { number, spans, digits, unfinished } => {
                let (number, spans) = (number.number(), spans.number());
                let extension = if *unfinished { "tmp" } else { "otlp" };
                match digits {
                    true => format!("{number:020}-{spans}.{extension}"),
                    false => format!("{number}-{spans}.{extension}"),
                }
            }
            Self::Start(trace, span) => format!("{trace:032x}-{span:016x}"),
            Self::Slot(number) => (number % 8).to_string(),
            Self::Lock => "lock".to_owned(),
            Self::Open => "open".to_owned(),
            Self::Aborted(moment, from) => format!("aborted-{}-{}", moment.number(), from.number()),
            Self::Gitignore => ".gitignore".to_owned(),
            Self::Any(text) => text.replace(['/', '\0'], "_").chars().take(60).collect(),
        }
    }
}

impl Content {
    fn bytes(&self, collector: &str) -> Vec<u8> {
        match self {
            Self::Any(bytes) => bytes.clone(),
            Self::Segment { labelled, here, packed, body } => {
                let endpoint = if *here {
                    format!("{collector}/v1/traces")
                } else {
                    "http://other/".to_owned()
                };
                let packed = if *packed { r#","content_encoding":"gzip""# } else { "" };
                let label = format!(
                    r#"{{"endpoint":"{endpoint}","content_type":"application/x-protobuf"{packed},"spans":{}}}"#,
                    labelled.number()
                );
                segment(&label, &body.bytes())
            }
            Self::Torn { labelled, spans, length } => {
                let label = format!(
                    r#"{{"endpoint":"{collector}/v1/traces","spans":{}}}"#,
                    labelled.number()
                );
                let mut bytes = segment(&label, &Body::Spans(*spans).bytes());
                bytes.truncate((*length).into());
                bytes
            }
        }
    }
}

impl Body {
    /// A request with spans that say when they began and ended.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Any(bytes) => bytes.clone(),
            Self::Spans(spans) => {
                let times = [&[0x39][..], &[1; 8], &[0x41], &[2; 8]].concat();
                let spans = field(0x12, &times).repeat((spans % 8).into());
                field(0x0a, &field(0x12, &spans))
            }
        }
    }
}

fn field(key: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    [&[key, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8][..], value].concat()
}

fn segment(label: &str, body: &[u8]) -> Vec<u8> {
    let checked = [&(label.len() as u32).to_le_bytes()[..], label.as_bytes(), body].concat();
    let sum = crc32fast::hash(&checked).to_le_bytes();
    [&b"agentops\x01\0\0\0"[..], &sum, &checked].concat()
}

const VICTIM: &str = "nobody's business";

impl Thing {
    fn put(&self, path: &Path, elsewhere: &Path, collector: &str) {
        use std::os::unix::fs::symlink;
        // What cannot be made is not there.
        let _ = match self {
            Self::File(content) => File::create_new(path)
                .and_then(|mut file| file.write_all(&content.bytes(collector))),
            Self::Sparse(length) => {
                File::create_new(path).and_then(|file| file.set_len(length % (1 << 40)))
            }
            Self::Folder => DirBuilder::new().mode(0o700).create(path),
            Self::Fifo => {
                let path = CString::new(path.as_os_str().as_bytes()).expect("no zeros in it");
                // SAFETY: the path ends with a zero and lives until the call is over.
                unsafe { libc::mkfifo(path.as_ptr(), 0o600) };
                Ok(())
            }
            Self::Link => symlink(elsewhere.join("victim"), path),
            Self::LinkToNowhere => symlink(elsewhere.join("nowhere"), path),
            Self::LinkToEndless => symlink("/dev/zero", path),
            Self::LinkToFolder => symlink(elsewhere.join("folder"), path),
            Self::HardLink => fs::hard_link(elsewhere.join("victim"), path),
        };
    }
}

fuzz_target!(|spool: Spool| {
    let (dir, elsewhere) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    fs::write(elsewhere.path().join("victim"), VICTIM).expect("a file");
    fs::create_dir(elsewhere.path().join("folder")).expect("a folder");
    fs::write(elsewhere.path().join("folder").join("victim"), VICTIM).expect("a file");
    let [takes, refuses] = collectors();
    for planted in spool.planted.iter().take(32) {
        let place = dir.path().join(planted.place.path());
        let _ = DirBuilder::new().recursive(true).mode(0o700).create(&place);
        planted.thing.put(&place.join(planted.name.text()), elsewhere.path(), takes);
    }
    start(dir.path(), if spool.refuses { refuses } else { takes });
    let second = start(dir.path(), takes);
    let third = start(dir.path(), takes);
    if !spool.refuses {
        assert_eq!(second.failed, 0, "a loss is counted again: {second:?}");
    }
    assert_eq!((third.failed, third.sent), (0, 0), "a loss is counted again: {second:?} {third:?}");
    assert_eq!(third.recovered, third.spooled, "{third:?}");
    for victim in ["victim", "folder/victim"] {
        let victim = fs::read_to_string(elsewhere.path().join(victim));
        assert_eq!(victim.ok().as_deref(), Some(VICTIM));
    }
    let written = fs::read_dir(elsewhere.path().join("folder")).expect("it is there").count();
    assert_eq!((written, elsewhere.path().join("nowhere").exists()), (1, false));
});

/// A program with this spool, from its start to its end.
fn start(dir: &Path, collector: &str) -> Stats {
    let began = Instant::now();
    let config = TracingConfig::builder()
        .exporter_endpoint(collector)
        .spool_dir(dir)
        .console(false)
        .shutdown_timeout(Duration::from_secs(10));
    let core = TracingCore::new(config.build().expect("it can be used")).expect("it starts");
    let stats = match core.shutdown() {
        Ok(stats) => stats,
        Err(losses) => losses.stats().clone(),
    };
    assert!(began.elapsed() < Duration::from_secs(8), "it hung: {stats:?}");
    let found = stats.sent + stats.spooled + stats.failed;
    assert_eq!((stats.recovered, stats.queued, stats.dropped), (found, 0, 0), "{stats:?}");
    stats
}

/// The addresses of one who takes everything, and of one who refuses it for good.
fn collectors() -> [&'static str; 2] {
    static COLLECTORS: OnceLock<[String; 2]> = OnceLock::new();
    let collectors = COLLECTORS.get_or_init(|| ["200 OK", "400 Bad Request"].map(collector));
    collectors.each_ref().map(String::as_str)
}

fn collector(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, status));
        }
    });
    address
}

fn serve(stream: TcpStream, status: &str) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink()).ok()?;
        write!(writer, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
