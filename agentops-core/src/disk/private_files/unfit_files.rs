//! Reasons to refuse a file or a folder, with their remedies.

use std::{error::Error, fmt, fs::Metadata, io, path::PathBuf};

pub(crate) use self::rights::User;
use self::rights::is_sticky;
use crate::process::presentable::shown;

/// Error for a file or a folder that is not safe to use. It is wrapped in an [`io::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) path: PathBuf,
    pub(crate) problem: Problem,
}

/// Problem of a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing is known of owners and rights there"))]
pub(crate) enum Problem {
    /// A link instead of a file.
    Link,
    /// A link instead of a folder.
    LinkToFolder,
    /// A FIFO, a socket, a device or a folder instead of a file.
    NoFile,
    /// Something else instead of a folder.
    NoFolder,
    /// A file with further names (hard links), through which it can be read or changed.
    Shared,
    /// A file or folder of another user, with the user's number.
    Foreign(u32),
    /// A folder that its group or all users may write to.
    WritableByOthers,
    /// A `.gitignore` that does not hide everything in its folder.
    HidesNothing,
}

impl Unfit {
    /// Returns the `Unfit` in an error, if there is one.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Returns the remedy. Choosing another folder is always a remedy, too.
    pub(crate) fn remedy(&self) -> String {
        let path = shown(&self.path);
        match self.problem {
            Problem::LinkToFolder => format!("put the folder itself in the place of `{path}`"),
            Problem::Link | Problem::NoFile | Problem::NoFolder | Problem::Shared => {
                format!("remove `{path}`")
            }
            Problem::Foreign(_) => format!("give `{path}` to this user"),
            Problem::WritableByOthers => format!("`chmod 700 {path}`"),
            Problem::HidesNothing => format!("put a line `*` alone into `{path}`"),
        }
    }
}

/// Returns the remedy for an error, if it contains an [`Unfit`].
pub(crate) fn remedy_of(error: &io::Error) -> Option<String> {
    Unfit::of(error).map(Unfit::remedy)
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", shown(&self.path), self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link | Self::LinkToFolder => f.write_str("is a link"),
            Self::NoFile => f.write_str("is not a regular file"),
            Self::NoFolder => f.write_str("is not a folder"),
            Self::Shared => f.write_str("has another name, a hard link"),
            Self::Foreign(user) => write!(f, "belongs to another user, {user}"),
            Self::WritableByOthers => f.write_str("may be written to by other users"),
            Self::HidesNothing => f.write_str("does not hide from git what is beside it"),
        }
    }
}

impl Error for Unfit {}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        Self::other(unfit)
    }
}

impl Problem {
    /// Returns the problem of a file that the user has named.
    pub(super) fn of_named_file(metadata: &Metadata) -> Option<Self> {
        (!metadata.is_file()).then_some(Self::NoFile)
    }

    /// Returns the problem of a file whose name others may have chosen. A link itself is a problem.
    pub(super) fn of_file(metadata: &Metadata) -> io::Result<Option<Self>> {
        if metadata.is_symlink() {
            return Ok(Some(Self::Link));
        }
        if let Some(problem) = Self::of_named_file(metadata) {
            return Ok(Some(problem));
        }
        Ok(Self::of_owner(metadata, User::current()?).or(Self::of_names(metadata)))
    }

    /// Returns the problem of a folder. A link itself is a problem.
    pub(super) fn of_folder(metadata: &Metadata) -> io::Result<Option<Self>> {
        if metadata.is_symlink() {
            return Ok(Some(Self::LinkToFolder));
        }
        if !metadata.is_dir() {
            return Ok(Some(Self::NoFolder));
        }
        Ok(Self::of_keeper(metadata)?.or_else(|| Self::of_rights(metadata)))
    }

    /// Returns the problem of a parent folder: a user who may rename its entries can replace the folder in it.
    pub(super) fn of_parent(metadata: &Metadata) -> io::Result<Option<Self>> {
        let of_rights = || Self::of_rights(metadata).filter(|_| !is_sticky(metadata));
        Ok(Self::of_keeper(metadata)?.or_else(of_rights))
    }

    /// Returns the problem of a folder's owner. The administrator is accepted, who has access to everything
    /// anyway.
    fn of_keeper(metadata: &Metadata) -> io::Result<Option<Self>> {
        let owner = Self::of_owner(metadata, User::current()?);
        Ok(owner.filter(|owner| *owner != Self::Foreign(ADMINISTRATOR)))
    }
}

const ADMINISTRATOR: u32 = 0;

#[cfg(unix)]
mod rights {
    use std::{
        fs::{File, Metadata},
        io,
        os::{
            fd::OwnedFd,
            unix::fs::{MetadataExt, PermissionsExt},
        },
    };

    use crate::disk::private_files::unfit_files::Problem;

    /// User of the system, by number.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct User(u32);

    impl User {
        /// Returns the user that owns the files which this thread creates. It is read from a new pipe, which works
        /// on every system, touches no file, and works in processes that cannot be inspected.
        pub(crate) fn current() -> io::Result<Self> {
            let (reader, _writer) = io::pipe()?;
            Ok(Self(File::from(OwnedFd::from(reader)).metadata()?.uid()))
        }

        pub(crate) fn owns(self, metadata: &Metadata) -> bool {
            metadata.uid() == self.0
        }
    }

    pub(super) fn is_sticky(metadata: &Metadata) -> bool {
        metadata.permissions().mode() & 0o1000 != 0
    }

    impl Problem {
        pub(super) fn of_owner(metadata: &Metadata, user: User) -> Option<Self> {
            (!user.owns(metadata)).then_some(Self::Foreign(metadata.uid()))
        }

        /// Returns a problem if the file has more than one name; one that was removed meanwhile has none.
        pub(super) fn of_names(metadata: &Metadata) -> Option<Self> {
            (metadata.nlink() > 1).then_some(Self::Shared)
        }

        pub(super) fn of_rights(metadata: &Metadata) -> Option<Self> {
            (metadata.permissions().mode() & 0o022 != 0).then_some(Self::WritableByOthers)
        }
    }
}

/// Stubs for systems without such owners and modes.
#[cfg(not(unix))]
mod rights {
    use std::{fs::Metadata, io};

    use crate::disk::private_files::unfit_files::Problem;

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct User;

    impl User {
        pub(crate) fn current() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn owns(self, _: &Metadata) -> bool {
            true
        }
    }

    pub(super) fn is_sticky(_: &Metadata) -> bool {
        false
    }

    impl Problem {
        pub(super) fn of_owner(_: &Metadata, _: User) -> Option<Self> {
            None
        }

        pub(super) fn of_names(_: &Metadata) -> Option<Self> {
            None
        }

        pub(super) fn of_rights(_: &Metadata) -> Option<Self> {
            None
        }
    }
}
