//! Selection of a store, of a session in it and of a span in that, as a person writes them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{Failure, cells::faults_part};
use crate::store::{FileStore, FolderStore, SessionId, SpanId, SpanTable, Store, StoreError};

/// Folder of sessions.
#[derive(Clone, Debug, Args)]
pub(crate) struct StoreArgs {
    /// Folder of sessions.
    #[arg(
        long,
        env = "AGENTOPS_LOCAL_DIR",
        default_value = ".agentops/sessions",
        value_name = "FOLDER"
    )]
    pub(crate) dir: PathBuf,
}

/// Session, and a span of it if one is named.
pub(crate) struct Selection {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) session: SessionId,
    /// Prefix of the id of the span.
    pub(crate) span: Option<String>,
}

impl StoreArgs {
    /// Opens the folder.
    pub(crate) fn open(&self) -> Result<FolderStore, Failure> {
        Ok(FolderStore::open(self.dir.clone())?)
    }

    /// Opens the folder, also if it is not there yet.
    pub(crate) fn open_awaited(&self) -> Result<FolderStore, Failure> {
        match FolderStore::open(self.dir.clone()) {
            Err(StoreError::NoFolder(dir)) => Ok(FolderStore::awaited(dir)),
            opened => Ok(opened?),
        }
    }

    /// Finds the session that a text names: `last`, `last~2`, the start of an id, `ID/SPAN`, or a file.
    pub(crate) fn select(&self, text: &str) -> Result<Selection, Failure> {
        if let Some(file) = as_file(text) {
            return in_file(file);
        }
        let (session, span) = match text.split_once('/') {
            Some((session, span)) => (session, Some(span)),
            None => (text, None),
        };
        let store = self.open()?;
        let session = find_session(&store, session)?;
        Ok(Selection { store: Arc::new(store), session, span: span.map(str::to_owned) })
    }

    /// Finds the session that a text names, for a command that takes whole sessions.
    pub(crate) fn select_whole(&self, text: &str, command: &str) -> Result<Selection, Failure> {
        let selection = self.select(text)?;
        if selection.span.is_some() {
            return Err(Failure::Usage(format!(
                "`{text}` names a span; `{command}` takes whole sessions, so leave out the span"
            )));
        }
        Ok(selection)
    }
}

/// Returns the path of a file, if a text is one and not an id.
fn as_file(text: &str) -> Option<&Path> {
    let path = Path::new(text);
    let is_named = text.contains('.') || path.components().count() > 2;
    (is_named || path.is_file()).then_some(path)
}

/// Selects the newest session of a file.
fn in_file(path: &Path) -> Result<Selection, Failure> {
    let store = FileStore::open(path.to_owned())?;
    let list = store.sessions()?;
    let path = agentops_core::push::shown(path);
    match &list.sessions[..] {
        [session, ..] => {
            let session = session.id;
            Ok(Selection { store: Arc::new(store), session, span: None })
        }
        [] => Err(Failure::Usage(format!(
            "`{path}` has no spans; a file of OTLP as JSON lines is expected{}",
            faults_part(&list.faults)
        ))),
    }
}

fn find_session(store: &impl Store, text: &str) -> Result<SessionId, Failure> {
    if let Some(age) = age_of(text) {
        let list = store.sessions()?;
        let session = list.sessions.get(age).map(|session| session.id);
        let sessions = list.sessions.len();
        return session.ok_or_else(|| match sessions {
            0 => Failure::Usage(
                "there are no sessions yet; run a program with agentops first".into(),
            ),
            _ => Failure::Usage(format!("there is no `{text}`; there are {sessions} sessions")),
        });
    }
    let mut ids = store.ids()?;
    ids.sort_unstable();
    let found: Vec<_> = ids.iter().filter(|id| starts_with(**id, text)).collect();
    match found[..] {
        [id] => Ok(*id),
        [] => {
            Err(Failure::Usage(format!("there is no session `{text}`; `agentops ls` lists them")))
        }
        _ => {
            let names: Vec<_> = found.iter().take(3).map(|id| format!("`{id}`")).collect();
            let (count, names) = (found.len(), names.join(", "));
            Err(Failure::Usage(format!(
                "`{text}` is the start of {count} ids, such as {names}; write more of it"
            )))
        }
    }
}

fn starts_with(id: SessionId, prefix: &str) -> bool {
    !prefix.is_empty() && id.to_string().starts_with(&prefix.to_ascii_lowercase())
}

/// Returns the age of a session that is named by it: 0 for `last`, 2 for `last~2`.
fn age_of(text: &str) -> Option<usize> {
    match text.strip_prefix("last")? {
        "" => Some(0),
        age => age.strip_prefix('~')?.parse().ok(),
    }
}

/// Finds the span whose id starts with a text.
pub(crate) fn find_span(table: &SpanTable, text: &str) -> Result<SpanId, Failure> {
    let prefix = text.to_ascii_lowercase();
    let mut found = table.rows().iter().map(|row| row.id);
    let mut found =
        found.by_ref().filter(|id| !text.is_empty() && id.to_string().starts_with(&prefix));
    let first = found.next();
    match (first, found.find(|id| Some(*id) != first)) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(Failure::Usage(format!("the session has no span `{text}`"))),
        (Some(_), Some(_)) => {
            Err(Failure::Usage(format!("`{text}` is the start of several ids; write more of it")))
        }
    }
}
