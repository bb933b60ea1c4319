//! Private files, for contents that were exchanged with a model; and safe opening of paths whose names others may
//! have chosen.
//!
//! | | must be |
//! |---|---|
//! | a file | a regular file of this user with one name: no link, FIFO or device; checking it never blocks |
//! | a new file | new: an existing file is not written to; created as 0600 |
//! | a folder | a real folder of this user or the administrator that no other user may write to; created as 0700 |
//!
//! On systems without such owners and modes, the access rights of the folder apply.

#[cfg(test)]
mod tests;
mod unfit_files;

pub(crate) use self::unfit_files::{Unfit, User, remedy_of};

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use self::unfit_files::Problem;
use crate::process::presentable::shown;

/// Extension of a file that is still being written.
pub(crate) const UNFINISHED: &str = "tmp";

/// Most names that are tried for an unfinished file.
const MOST_IN_THE_WAY: u32 = 16;

/// Name of the file that hides a folder from git, and the pattern in it.
const GITIGNORE: &str = ".gitignore";
const EVERYTHING: &str = "*";
/// Most bytes that are read of a `.gitignore`.
const LONGEST_GITIGNORE: u64 = 64 << 10;

/// Opens a file of this user for reading.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true), path)
}

/// Opens a file of this user for reading and appending, or creates it (0600). If other users may read it, for
/// example because it was checked out from a repository, their access is removed.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    let opened = open(&mut options, path).inspect(close_to_others);
    match opened {
        // Another process may create or remove the file at any time.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = set_safe_flags(options.create_new(true)).open(path);
            let is_there = |error: &io::Error| error.kind() == ErrorKind::AlreadyExists;
            if made.as_ref().is_err_and(is_there) {
                return open(options.create_new(false), path).inspect(close_to_others);
            }
            made
        }
        opened => opened,
    }
}

/// Creates a file (0600) for writing. Fails if the path exists.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    set_safe_flags(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Opens a regular file that the user has named. It may be a link, and it may belong to another user.
pub(crate) fn open_named(path: &Path) -> io::Result<File> {
    let is_file = |metadata: Metadata| Problem::of_named_file(&metadata);
    refuse(path, is_file(fs::metadata(path)?))?;
    let file = never_wait_following(OpenOptions::new().read(true)).open(path)?;
    refuse(path, is_file(file.metadata()?))?;
    Ok(file)
}

/// Reads a whole file of this user. Fails if it is longer than `longest` bytes.
pub(crate) fn read_within(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let file = open_to_read(path)?;
    let mut bytes = Vec::new();
    file.take(longest.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        let message = format!("`{}` is longer than {longest} bytes", shown(path));
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Writes a file so that it is never visible half-written, even if the process dies; a power failure is not
/// covered. An existing file of that name is replaced, not written to.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_whole_by(path, path, bytes)
}

/// Writes a file like [`write_whole`], beside `draft` until it is complete: a folder of this process on the same file
/// system, if other processes may write the same file.
pub(crate) fn write_whole_by(draft: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_unfinished(draft, bytes, |unfinished| fs::rename(unfinished, path))
}

/// Writes a file like [`write_whole`], but never replaces an existing one.
///
/// # Errors
/// Returns an error of the kind `AlreadyExists` if the path exists.
pub(crate) fn write_whole_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_unfinished(path, bytes, |unfinished| rename_to_free(unfinished, path))
}

fn write_unfinished(
    path: &Path,
    bytes: &[u8],
    finish: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let (mut file, unfinished) = create_unfinished(path)?;
    let written = file.write_all(bytes).and_then(|()| finish(&unfinished));
    written.inspect_err(|_| _ = fs::remove_file(&unfinished))
}

/// Creates an unfinished file beside `path`. An older file of that name, left by a dead process or another program,
/// is removed; if it cannot be removed, the next name is tried.
fn create_unfinished(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut last = ErrorKind::AlreadyExists.into();
    for number in 0..MOST_IN_THE_WAY {
        let unfinished = match number {
            0 => path.with_extension(UNFINISHED),
            _ => path.with_extension(format!("{number}.{UNFINISHED}")),
        };
        let made = create_new(&unfinished).or_else(|error| {
            let is_in_the_way = error.kind() == ErrorKind::AlreadyExists;
            if is_in_the_way && fs::remove_file(&unfinished).is_ok() {
                create_new(&unfinished)
            } else {
                Err(error)
            }
        });
        match made {
            Ok(file) => return Ok((file, unfinished)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Renames to a path that does not exist. The caller holds the folder, so no other process takes the name between
/// the check and the renaming.
pub(crate) fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    if exists(to)? {
        let message = format!("`{}` is there already", shown(to));
        return Err(io::Error::new(ErrorKind::AlreadyExists, message));
    }
    fs::rename(from, to)
}

/// Returns `true` if a path exists, even as a dangling link.
pub(crate) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns `true` if metadata, read without following links, describes a file of this user. Errors count as
/// `false`.
pub(crate) fn is_own_file(metadata: &Metadata) -> bool {
    Problem::of_file(metadata).is_ok_and(|problem| problem.is_none())
}

/// Checks that a path is a real folder of this user or the administrator, and that no other user may write to it.
///
/// # Errors
/// Returns an [`Unfit`] with the path and the remedy.
pub(crate) fn check_folder(dir: &Path) -> io::Result<()> {
    refuse(dir, Problem::of_folder(&fs::symlink_metadata(dir)?)?)
}

/// Checks the parents of a folder that are links: their targets must not let other users replace the folder.
/// Targets that cannot be resolved are skipped.
pub(crate) fn check_linked_parents(dir: &Path) -> io::Result<()> {
    for parent in dir.ancestors().skip(1).filter(|parent| parent.is_symlink()) {
        let Ok(target) = fs::canonicalize(parent) else { continue };
        refuse(&target, Problem::of_parent(&fs::metadata(&target)?)?)?;
    }
    Ok(())
}

/// Creates a folder (0700) if it does not exist, and checks that it belongs to this user and that no other user
/// may write to it.
pub(crate) fn make_own_dir(dir: &Path) -> io::Result<()> {
    match create_private_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            private_dirs().recursive(true).create(dir)?;
        }
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    check_folder(dir)
}

/// Creates a folder (0700) if it does not exist. An existing one may belong to any user.
pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() { Ok(()) } else { private_dirs().recursive(true).create(dir) }
}

/// Creates a folder (0700) in an existing one.
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

/// Writes a `.gitignore` that hides a folder from git.
///
/// # Errors
/// Returns an [`Unfit`] if there is a `.gitignore` already that does not hide everything.
pub(crate) fn hide_from_git(dir: &Path) -> io::Result<()> {
    let path = dir.join(GITIGNORE);
    match create_new(&path) {
        // A half-written file would be taken for the user's own.
        Ok(mut file) => file
            .write_all(format!("{EVERYTHING}\n").as_bytes())
            .inspect_err(|_| _ = fs::remove_file(&path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = read_within(&path, LONGEST_GITIGNORE);
            let hides = text.is_ok_and(|text| hides_everything(&String::from_utf8_lossy(&text)));
            refuse(&path, (!hides).then_some(Problem::HidesNothing))
        }
        Err(error) => Err(error),
    }
}

/// Returns the warning for an error of [`hide_from_git`]. Returns `None` if the folder cannot be written, since
/// git sees no files in it then.
pub(crate) fn git_warning(error: &io::Error) -> Option<String> {
    let remedy = remedy_of(error)?;
    Some(format!("what was said to a model may be committed to git: {error}; {remedy}"))
}

/// Returns `true` if the patterns hide everything. A `!` after `*` would show files again.
fn hides_everything(patterns: &str) -> bool {
    let mut patterns = patterns.lines().map(str::trim_end);
    patterns.clone().any(|pattern| pattern == EVERYTHING)
        && !patterns.any(|pattern| pattern.starts_with('!'))
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Checked before opening, since opening a device may have side effects.
    refuse(path, Problem::of_file(&fs::symlink_metadata(path)?)?)?;
    let file = set_safe_flags(options).open(path)?;
    // Checked again, since the path may lead to another file by now.
    refuse(path, Problem::of_file(&file.metadata()?)?)?;
    Ok(file)
}

fn refuse(path: &Path, problem: Option<Problem>) -> io::Result<()> {
    let unfit = problem.map(|problem| Unfit { path: path.to_owned(), problem });
    unfit.map_or(Ok(()), |unfit| Err(unfit.into()))
}

/// Sets flags that neither follow a link nor wait for the other end of a FIFO, and the mode 0600 for new files.
#[cfg(unix)]
fn set_safe_flags(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

#[cfg(unix)]
fn never_wait_following(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK)
}

/// Does nothing: on these systems, folders hold nothing that opening would wait for.
#[cfg(not(unix))]
fn set_safe_flags(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn never_wait_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Removes the access of other users. Errors are ignored, since some file systems have no modes.
#[cfg(unix)]
fn close_to_others(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let is_open = |metadata: &Metadata| metadata.permissions().mode() & 0o077 != 0;
    if file.metadata().as_ref().is_ok_and(is_open) {
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
}

#[cfg(not(unix))]
fn close_to_others(_: &File) {}

/// Returns `true` if a path still leads to this open file, which was not removed or replaced.
#[cfg(unix)]
pub(crate) fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
    let (held, found) = (file.metadata(), fs::symlink_metadata(path));
    matches!((held, found), (Ok(held), Ok(found)) if identity(&held) == identity(&found))
}

/// Returns `true` if the path is a file: on these systems an open file cannot be removed.
#[cfg(not(unix))]
pub(crate) fn is_in_place(_: &File, path: &Path) -> bool {
    path.is_file()
}
