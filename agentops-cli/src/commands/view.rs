//! Command `agentops view`: sessions in a browser.

mod browser;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{Failure, Outcome, StoreArgs, curl, selection::Selection, show};
use crate::{
    output::print_problem,
    page::{Formats, KeptAddress, Server, Token, WatchedStore},
    store::{FileStore, FolderStore, SessionId, SpanId, Store, StoreError},
    terminal::{Screen, now},
};

/// Look at sessions in a browser: a list, each session as a tree with its contents, and two of them compared.
///
/// Sessions that run grow as you look. Only this machine can reach the page, and only with the secret in its address,
/// which stays the same for a folder, as its port does if that is free. Nothing is sent anywhere, and nothing is changed.
/// Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops view                   the sessions of this folder, also before there are any
  agentops view traces.jsonl      a file of a collector
  agentops view --port 7001       at this port, such as one that is forwarded
  agentops view --no-open         print the address alone")]
pub(crate) struct View {
    /// Folder of sessions, or a file of OTLP as JSON lines, instead of that of `--dir`.
    #[arg(value_name = "DIR|FILE")]
    path: Option<PathBuf>,

    #[command(flatten)]
    store: StoreArgs,

    /// Port; 0 is any that is free. By default it is that of the last time, or any if that is not free.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Open no browser.
    #[arg(long)]
    no_open: bool,

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

    fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(&self.store.dir)
    }

    fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let path = self.path();
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

    /// Returns the server at the address of the last time, as far as that is still free.
    fn server(&self) -> Result<Server, Failure> {
        let store = self.open()?;
        let file = KeptAddress::file(self.path());
        let kept = file.as_deref().and_then(KeptAddress::read);
        let last = kept.as_ref().and_then(|kept| kept.port).filter(|_| self.port.is_none());
        let token = kept.map(|kept| kept.token).filter(|_| !self.new_token);
        let token = token.map_or_else(Token::new, Ok);
        let token =
            token.map_err(|error| Failure::Usage(format!("no secret can be made: {error}")))?;
        let bind = |port| {
            let folder = agentops_core::push::shown(self.path()).to_string();
            let watched = WatchedStore::new(Arc::clone(&store), folder, now());
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

fn curl(store: Arc<dyn Store>, session: SessionId, span: SpanId) -> Result<String, String> {
    curl::curl_text(&*store, session, span).map_err(|failure| failure.to_string())
}

/// Keeps the address for the next time. Without that the page works as well, only bookmarks do not live.
fn keep(address: &KeptAddress, file: Option<&Path>) {
    let none = || io::Error::other("there is no `HOME`");
    let kept = file.ok_or_else(none).and_then(|file| address.write(file));
    if let Err(error) = kept {
        print_problem(format!("the address will be another one next time: {error}"));
    }
}
