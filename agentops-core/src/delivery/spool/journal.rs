//! Sessions that have begun and not ended: a root for each, as it would look if the process died now.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::{UNFINISHED, read_bounded, segment::Segment, slot::Slot};
use crate::private_files::{make_private_dir, open_private};

/// The name of the folder of open sessions, and how that of sessions begins which nobody will end.
const OPEN: &str = "open";
const ABORTED: &str = "aborted-";

/// The files of open sessions, one a session, named by its root.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
}

impl Journal {
    pub(super) fn in_slot(slot: &Path) -> Self {
        Self { dir: slot.join(OPEN) }
    }

    pub(super) fn begin(&self, root: &Segment) -> io::Result<()> {
        make_private_dir(&self.dir)?;
        let name = root.label.roots.first().map_or("", String::as_str);
        write_whole(&self.dir.join(name), &root.encode().map_err(io::Error::other)?)
    }

    pub(super) fn end(&self, root: &str) {
        // Most sessions end before they are worth a file.
        let _ = fs::remove_file(self.dir.join(root));
    }
}

/// Takes the sessions over that a dead process has left open. When it was last seen stands in the name.
pub(super) fn take_aborted(from: &Slot, to: &Slot) -> io::Result<()> {
    let last_seen = from.last_used.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let place = from.dir.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{ABORTED}{}-{place}", last_seen.as_nanos());
    match fs::rename(from.dir.join(OPEN), to.dir.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        moved => moved?,
    }
    // Another process may have died before it was done with what it took over.
    for aborted in aborted_in(&from.dir).filter(|_| from.dir != to.dir) {
        fs::rename(&aborted.dir, to.dir.join(aborted.dir.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Sessions that nobody will end any more.
#[derive(Debug)]
pub(super) struct Aborted {
    dir: PathBuf,
    last_seen: Duration,
    names: Vec<String>,
}

pub(super) fn aborted_in(slot: &Path) -> impl Iterator<Item = Aborted> + use<> {
    let folders = fs::read_dir(slot).into_iter().flatten();
    folders.filter_map(|folder| Aborted::at(folder.ok()?.path()))
}

impl Aborted {
    fn at(dir: PathBuf) -> Option<Self> {
        let (last_seen, _) = dir.file_name()?.to_str()?.strip_prefix(ABORTED)?.split_once('-')?;
        let last_seen = Duration::from_nanos(last_seen.parse().ok()?);
        let names =
            fs::read_dir(&dir).ok()?.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let names = names.filter(|name| is_root(name)).collect();
        Some(Self { dir, last_seen, names })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Their roots, as of when their process was last seen, but for those that are known to have ended.
    pub(super) fn roots(&self, ended: &[String]) -> impl Iterator<Item = Segment> {
        let open = self.names.iter().filter(|root| !ended.contains(root));
        let files = open.filter_map(|root| read_bounded(&self.dir.join(root)).ok());
        files.filter_map(|bytes| ended_at(bytes, self.last_seen))
    }

    pub(super) fn forget(&self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A trace and a span, as the label has it.
fn is_root(name: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    name.split_once('-').is_some_and(|(trace, span)| is_hex(trace) && is_hex(span))
}

pub(super) fn ended_at(bytes: Vec<u8>, moment: Duration) -> Option<Segment> {
    let Segment { label, body } = Segment::decode(bytes).ok()?;
    let mut request = ExportTraceServiceRequest::decode(body).ok()?;
    let moment = u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX);
    let scopes = request.resource_spans.iter_mut().flat_map(|resource| &mut resource.scope_spans);
    for span in scopes.flat_map(|scope| &mut scope.spans) {
        span.end_time_unix_nano = moment.max(span.start_time_unix_nano);
    }
    Some(Segment { label, body: request.encode_to_vec().into() })
}

/// Writes a file that is there whole or not at all, as far as the process goes.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = open_private(options.write(true).create(true).truncate(true), &unfinished)?;
        file.write_all(bytes)?;
        fs::rename(&unfinished, path)
    };
    write().inspect_err(|_| _ = fs::remove_file(&unfinished))
}
