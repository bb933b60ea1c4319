//! Place of a store, as the page shows it.

use std::path::PathBuf;

/// Place of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct StorePlace {
    /// Path of a folder or a file, or the number of both.
    pub(super) folder: String,
    /// Paths of several folders and files.
    pub(super) paths: Vec<String>,
}

impl StorePlace {
    /// Names what is at one path, or at several.
    pub(crate) fn new(paths: &[PathBuf]) -> Self {
        let mut shown: Vec<_> =
            paths.iter().map(|path| agentops_core::push::shown(path).to_string()).collect();
        if let [only] = &mut shown[..] {
            return Self { folder: std::mem::take(only), paths: Vec::new() };
        }
        let files = paths.iter().filter(|path| path.is_file()).count();
        let parts = [(paths.len() - files, "folder"), (files, "file")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {noun}{plural}")
        });
        Self { folder: parts.collect::<Vec<_>>().join(", "), paths: shown }
    }
}
