//! The reasons why a file or a folder is not used, with the remedies.

use std::{error::Error, fmt, fs::Metadata, io, path::PathBuf};

pub(crate) use self::rights::User;
use self::rights::is_sticky;
use crate::presentable::shown;

/// A file or a folder that is not what it must be. It travels in an [`io::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) path: PathBuf,
    pub(crate) problem: Problem,
}

/// Problem of a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing is known of owners and rights there"))]
pub(crate) enum Problem {
    /// A link where a file must be.
    Link,
    /// A link where a folder must be.
    LinkToFolder,
    /// A FIFO, a socket, a device or a folder where a file must be.
    NoFile,
    /// Anything but a folder where one must be.
    NoFolder,
    /// A file that has other names, too, which are hard links: whoever reads those reads it.
    Shared,
    /// Another user's, by number.
    Foreign(u32),
    /// A folder that its group, or everybody, may write to.
    Open,
    /// A `.gitignore` that does not hide all that is beside it.
    HidesNothing,
}

impl Unfit {
    /// The one in an error, if it is one.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Returns the remedy. Another folder is always a remedy.
    pub(crate) fn remedy(&self) -> String {
        let path = shown(&self.path);
        match self.problem {
            Problem::LinkToFolder => format!("put the folder itself in the place of `{path}`"),
            Problem::Link | Problem::NoFile | Problem::NoFolder | Problem::Shared => {
                format!("remove `{path}`")
            }
            Problem::Foreign(_) => format!("give `{path}` to this user"),
            Problem::Open => format!("`chmod 700 {path}`"),
            Problem::HidesNothing => format!("put a line `*` alone into `{path}`"),
        }
    }
}

/// Returns the remedy of an error that carries an [`Unfit`].
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
            Self::Open => f.write_str("may be written to by other users"),
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
    /// That of a file which the user has named.
    pub(super) fn of_named_file(metadata: &Metadata) -> Option<Self> {
        (!metadata.is_file()).then_some(Self::NoFile)
    }

    /// That of a file whose name others may have chosen; of the link, if it is one.
    pub(super) fn of_file(metadata: &Metadata) -> io::Result<Option<Self>> {
        if metadata.is_symlink() {
            return Ok(Some(Self::Link));
        }
        if let Some(problem) = Self::of_named_file(metadata) {
            return Ok(Some(problem));
        }
        Ok(Self::of_owner(metadata, User::current()?).or(Self::of_names(metadata)))
    }

    /// That of a folder; of the link, if it is one.
    pub(super) fn of_folder(metadata: &Metadata) -> io::Result<Option<Self>> {
        if metadata.is_symlink() {
            return Ok(Some(Self::LinkToFolder));
        }
        if !metadata.is_dir() {
            return Ok(Some(Self::NoFolder));
        }
        Ok(Self::of_keeper(metadata)?.or_else(|| Self::of_rights(metadata)))
    }

    /// That of a folder around one of ours: who may rename what is in it can put another folder in the place of ours.
    pub(super) fn of_parent(metadata: &Metadata) -> io::Result<Option<Self>> {
        let of_rights = || Self::of_rights(metadata).filter(|_| !is_sticky(metadata));
        Ok(Self::of_keeper(metadata)?.or_else(of_rights))
    }

    /// The owner of a folder may be the administrator, too, who may do everything anyhow.
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

    use super::Problem;

    /// A user of the system, by number.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct User(u32);

    impl User {
        /// The one who owns what this thread makes: the owner of a pipe that it has just made. Every system says
        /// so, without a look at any file, and also where a process may not be looked at.
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

        /// A file that was removed meanwhile has no name.
        pub(super) fn of_names(metadata: &Metadata) -> Option<Self> {
            (metadata.nlink() > 1).then_some(Self::Shared)
        }

        pub(super) fn of_rights(metadata: &Metadata) -> Option<Self> {
            (metadata.permissions().mode() & 0o022 != 0).then_some(Self::Open)
        }
    }
}

/// Nothing is known of owners and rights.
#[cfg(not(unix))]
mod rights {
    use std::{fs::Metadata, io};

    use super::Problem;

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
