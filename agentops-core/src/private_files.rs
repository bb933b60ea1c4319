//! Files that are nobody else's business, as what they hold was said to a model; and the one way to open what stands
//! under a name that others may have chosen.
//!
//! | | must be |
//! |---|---|
//! | a file | a regular file of our user with one name: no link, FIFO or device; nothing waits to find that out |
//! | a new file | new: what stands there is not written to; 0600 |
//! | a folder | a folder itself, of our user or the administrator, that nobody else may write to; 0700 if it is made |
//!
//! On systems without such owners and rights those of the folder apply.

mod unfit;

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use self::unfit::Problem;
pub(crate) use self::unfit::{Unfit, User, remedy_of};
use crate::presentable::shown;

/// The extension of a file that is still being written.
pub(crate) const UNFINISHED: &str = "tmp";

/// So many things may stand in the way of an unfinished file.
const MOST_IN_THE_WAY: u32 = 16;

/// File in which git finds the patterns of what it ignores.
const GITIGNORE: &str = ".gitignore";
const EVERYTHING: &str = "*";
/// More than this is not read of it.
const LONGEST_GITIGNORE: u64 = 64 << 10;

/// Opens a file of ours to read it.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true), path)
}

/// Opens a file of ours to read it and to append to it, or makes it (0600). One that others may read is closed to them:
/// a checkout of a repository may have made it.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    let opened = open(&mut options, path).inspect(close_to_others);
    match opened {
        // Somebody may make it, and somebody may remove it, at any time.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = never_wait(options.create_new(true)).open(path);
            let is_there = |error: &io::Error| error.kind() == ErrorKind::AlreadyExists;
            if made.as_ref().is_err_and(is_there) {
                return open(options.create_new(false), path).inspect(close_to_others);
            }
            made
        }
        opened => opened,
    }
}

/// Makes a file (0600) where nothing is, to write to it.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    never_wait(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Opens a file that the user has named: it may be a link, and another's. Only that it is a regular file counts.
pub(crate) fn open_named(path: &Path) -> io::Result<File> {
    let is_file = |metadata: Metadata| Problem::of_named_file(&metadata);
    refuse(path, is_file(fs::metadata(path)?))?;
    let file = never_wait_following(OpenOptions::new().read(true)).open(path)?;
    refuse(path, is_file(file.metadata()?))?;
    Ok(file)
}

/// All of a file of ours, if it is no longer than that.
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

/// Writes a file that is there whole or not at all, as far as the process goes. An earlier file of that name is
/// replaced, not written to.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_unfinished(path, bytes, |unfinished| fs::rename(unfinished, path))
}

/// The same where nothing is: whatever has the name keeps it, and that is an error of the kind `AlreadyExists`.
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

/// A new file beside a path. What a dead process, or somebody else, has left in its way goes; what cannot go stays.
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

/// Renames to a name that nothing has. Whoever asks holds the folder: between the look and the renaming nobody
/// else takes the name.
pub(crate) fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    if exists(to)? {
        let message = format!("`{}` is there already", shown(to));
        return Err(io::Error::new(ErrorKind::AlreadyExists, message));
    }
    fs::rename(from, to)
}

/// Returns `true` if anything has a name, be it a link that leads nowhere.
pub(crate) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns `true` if metadata, not read through a link, is that of a file of ours; `false` if that is not known.
pub(crate) fn is_own_file(metadata: &Metadata) -> bool {
    Problem::of_file(metadata).is_ok_and(|problem| problem.is_none())
}

/// Checks that a folder is a folder itself, ours or the administrator's, and closed to others. The error is an [`Unfit`] that names it, with
/// the remedy.
pub(crate) fn check_folder(dir: &Path) -> io::Result<()> {
    refuse(dir, Problem::of_folder(&fs::symlink_metadata(dir)?)?)
}

/// The parents of a folder through which others can put theirs in its place: those that a link leads to, of others
/// or open to them. What cannot be looked at is not said to be wrong.
pub(crate) fn check_linked_parents(dir: &Path) -> io::Result<()> {
    for parent in dir.ancestors().skip(1).filter(|parent| parent.is_symlink()) {
        let Ok(target) = fs::canonicalize(parent) else { continue };
        refuse(&target, Problem::of_parent(&fs::metadata(&target)?)?)?;
    }
    Ok(())
}

/// A folder of ours that nobody else may write to: it is made (0700) if it is not there, and checked if it is.
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

/// A folder, whosever it is: it is made (0700) if it is not there.
pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() { Ok(()) } else { private_dirs().recursive(true).create(dir) }
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

/// Lets git look away from a folder. The error is an [`Unfit`] where somebody else's word is there already and says
/// otherwise.
pub(crate) fn hide_from_git(dir: &Path) -> io::Result<()> {
    let path = dir.join(GITIGNORE);
    match create_new(&path) {
        // Half of it would be taken for somebody else's word.
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

/// The warning that an error of [`hide_from_git`] is worth: none, if the folder cannot be written, since then there is
/// nothing to be seen either.
pub(crate) fn seen_by_git(error: &io::Error) -> Option<String> {
    let remedy = remedy_of(error)?;
    Some(format!("what was said to a model may be committed to git: {error}; {remedy}"))
}

/// Returns `true` if the patterns leave nothing to be seen: a later `!` takes back what an earlier one has hidden.
fn hides_everything(patterns: &str) -> bool {
    let mut patterns = patterns.lines().map(str::trim_end);
    patterns.clone().any(|pattern| pattern == EVERYTHING)
        && !patterns.any(|pattern| pattern.starts_with('!'))
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Nothing is opened that is known to be wrong: to open a device may do something.
    refuse(path, Problem::of_file(&fs::symlink_metadata(path)?)?)?;
    let file = never_wait(options).open(path)?;
    // It may be another one by now.
    refuse(path, Problem::of_file(&file.metadata()?)?)?;
    Ok(file)
}

fn refuse(path: &Path, problem: Option<Problem>) -> io::Result<()> {
    let unfit = problem.map(|problem| Unfit { path: path.to_owned(), problem });
    unfit.map_or(Ok(()), |unfit| Err(unfit.into()))
}

/// Neither through a link nor waiting for the other side of a FIFO; 0600, if it is created.
#[cfg(unix)]
fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

#[cfg(unix)]
fn never_wait_following(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK)
}

/// There is nothing in a folder to wait for.
#[cfg(not(unix))]
fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn never_wait_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Some file systems have no rights to be taken away.
#[cfg(unix)]
fn close_to_others(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let is_open = |it: &Metadata| it.permissions().mode() & 0o077 != 0;
    if file.metadata().as_ref().is_ok_and(is_open) {
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
}

#[cfg(not(unix))]
fn close_to_others(_: &File) {}

/// Whether a file is still what others find at a path, and was not removed.
#[cfg(unix)]
pub(crate) fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |it: &Metadata| (it.dev(), it.ino());
    let (held, found) = (file.metadata(), fs::symlink_metadata(path));
    matches!((held, found), (Ok(held), Ok(found)) if identity(&held) == identity(&found))
}

/// The same where a file that is open cannot be removed.
#[cfg(not(unix))]
pub(crate) fn is_in_place(_: &File, path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests;
