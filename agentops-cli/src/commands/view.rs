//! Command `agentops view`: sessions in a browser.

mod browser;

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{Failure, Outcome, StoreArgs, curl, selection::Selection, show};
use crate::{
    output::print_problem,
    page::{Access, Formats, KeptAddress, Server, StorePlace, Token, WatchedStore},
    store::{FileStore, FolderStore, JoinedStore, SessionId, SpanId, Store, StoreError},
    terminal::{Screen, now},
};

/// Look at sessions in a browser: a list, each session as a tree with its contents, and two of them compared.
///
/// Sessions that run grow as you look. Only this machine can reach the page, and only with the secret in its address,
/// which stays the same for a folder, as its port does if that is free. Nothing is sent anywhere, and nothing is changed:
/// scores that you give a session or a span are kept in a file beside it. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops view                   the sessions of this folder, also before there are any
  agentops view traces.jsonl      a file of a collector
  agentops view a.jsonl b.jsonl   several files or folders as one list
  agentops view --port 7001       at this port, such as one that is forwarded
  agentops view --no-open         print the address alone")]
pub(crate) struct View {
    /// Folders of sessions, and files of OTLP as JSON lines, instead of the folder of `--dir`.
    #[arg(value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    store: StoreArgs,

    /// Port; 0 is any that is free. By default it is that of the last time, or any if that is not free.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Open no browser.
    #[arg(long)]
    no_open: bool,

    /// Offer no form for scores, and take none.
    #[arg(long)]
    read_only: bool,

    /// Make a new secret, so that all earlier addresses of the page are void.
    #[arg(long)]
    new_token: bool,
}

impl View {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let server = self.server()?;
        screen.line(&server.address)?;
        if let Some(line) = browser::tunnel(server.port) {
            screen.line(&line)?;
        } else if !self.no_open {
            browser::open(&server.address);
        }
        server
            .run()
            .map_err(|error| Failure::Usage(format!("the page cannot be served: {error}")))?;
        Ok(Outcome::Fine)
    }

    /// Returns the paths that are viewed, each once.
    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = self.paths.clone();
        if paths.is_empty() {
            paths.push(self.store.dir.clone());
        }
        let mut known = HashSet::new();
        paths.retain(|path| known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
        paths
    }

    /// Returns the server at the address of the last time, as far as that is still free.
    fn server(&self) -> Result<Server, Failure> {
        let paths = self.paths();
        let (store, file) = (open_all(&paths)?, KeptAddress::file(&paths));
        let kept = file.as_deref().and_then(KeptAddress::read);
        let last = kept.as_ref().and_then(|kept| kept.port).filter(|_| self.port.is_none());
        let token = kept.map(|kept| kept.token).filter(|_| !self.new_token);
        let token = token.map_or_else(Token::new, Ok);
        let token =
            token.map_err(|error| Failure::Usage(format!("no secret can be made: {error}")))?;
        let access = if self.read_only { Access::ReadOnly } else { Access::Scores };
        let bind = |port| {
            let place = StorePlace::new(&paths);
            let watched = WatchedStore::new(Arc::clone(&store), place, access, now());
            Server::bind(port, token.clone(), watched, FORMATS)
        };
        let again = last.and_then(|port| bind(port).ok());
        let server = again.map_or_else(|| bind(self.port.unwrap_or_default()), Ok);
        let server = server.map_err(|error| self.unbound(&error))?;
        let address = KeptAddress { token, port: Some(server.port) };
        keep(&address, file.as_deref());
        Ok(server)
    }

    fn unbound(&self, error: &io::Error) -> Failure {
        let port = self.port.unwrap_or_default();
        Failure::Usage(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "another program has the port {port}; leave out `--port`, or name another one"
            ),
            io::ErrorKind::PermissionDenied => {
                format!("the port {port} is for the system alone; name one from 1024 on")
            }
            _ => format!("the port {port} cannot be had: {error}; name another one with `--port`"),
        })
    }
}

/// Opens the store at a path, or those at several as one.
fn open_all(paths: &[PathBuf]) -> Result<Arc<dyn Store>, Failure> {
    if let [path] = paths {
        return open(path);
    }
    // Of several, one that is not there is a slip, and its absence would not be seen.
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        let missing = agentops_core::push::shown(missing);
        return Err(Failure::Usage(format!(
            "there is no folder and no file `{missing}`; name those that are there"
        )));
    }
    let stores = paths.iter().map(|path| open(path)).collect::<Result<_, _>>()?;
    Ok(Arc::new(JoinedStore::new(stores)))
}

/// Opens the store at a path.
fn open(path: &Path) -> Result<Arc<dyn Store>, Failure> {
    // A folder may come later, a file that is named is meant to be there.
    let is_named_file = path.extension().is_some_and(|ending| ending == "jsonl");
    if path.is_file() || is_named_file && !path.is_dir() {
        return Ok(Arc::new(FileStore::open(path.to_owned())?));
    }
    match FolderStore::open(path.to_owned()) {
        Err(StoreError::NoFolder(dir)) => Ok(Arc::new(FolderStore::awaited(dir))),
        opened => Ok(Arc::new(opened?)),
    }
}

pub(super) const FORMATS: Formats = Formats { markdown, curl };

fn markdown(
    store: Arc<dyn Store>,
    session: SessionId,
    span: Option<SpanId>,
) -> Result<String, String> {
    let span = span.map(|span| span.to_string());
    let written = show::markdown(Selection { store, session, span });
    written.map_err(|failure| failure.to_string())
}

fn curl(store: &dyn Store, session: SessionId, span: SpanId) -> Result<String, String> {
    curl::curl_text(store, session, span).map_err(|failure| failure.to_string())
}

/// Keeps the address for the next time. Without that the page works as well, only bookmarks do not live.
fn keep(address: &KeptAddress, file: Option<&Path>) {
    let none = || io::Error::other("there is no `HOME`");
    let kept = file.ok_or_else(none).and_then(|file| address.write(file));
    if let Err(error) = kept {
        print_problem(format!("the address will be another one next time: {error}"));
    }
}
