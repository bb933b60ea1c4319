//! Files that are nobody else's business: what they hold was said to a model.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

/// A folder (0700) that git looks away from.
pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    if !dir.is_dir() {
        private_dirs().recursive(true).create(dir)?;
    }
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(())
}

/// A folder (0700) in one that is there.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    private_dirs().create(dir)
}

fn private_dirs() -> DirBuilder {
    let builder = DirBuilder::new();
    #[cfg(unix)]
    let builder = {
        let mut builder = builder;
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
    };
    builder
}

/// Opens a file as these options say; if it is created, then as 0600.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// Whether a file is still what others find at a path, and was not removed.
#[cfg(unix)]
pub(crate) fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |it: &fs::Metadata| (it.dev(), it.ino());
    let (held, found) = (file.metadata(), fs::metadata(path));
    matches!((held, found), (Ok(held), Ok(found)) if identity(&held) == identity(&found))
}

/// The same where a file that is open cannot be removed.
#[cfg(not(unix))]
pub(crate) fn is_in_place(_: &File, path: &Path) -> bool {
    path.is_file()
}
