//! Reasons for which a file of a spool is not read.

use std::{
    fmt::Display,
    io::{self, ErrorKind},
    path::Path,
};

use super::segment::SegmentDamage;
use crate::process::presentable::shown;

/// Error of a file that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnreadFile {
    /// Its spans are lost.
    Lost(String),
    /// It exists, and may be readable later.
    Hindered(String),
}

impl UnreadFile {
    pub(super) fn of_error(path: &Path, error: &io::Error) -> Self {
        let problem = of_file(path, error);
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::FileTooLarge => Self::Lost(problem),
            _ => Self::Hindered(problem),
        }
    }

    pub(super) fn of_damage(path: &Path, damage: SegmentDamage) -> Self {
        Self::Lost(of_file(path, &damage))
    }
}

/// Describes a problem of a file.
pub(super) fn of_file(path: &Path, problem: &dyn Display) -> String {
    format!("the file `{}`: {problem}", shown(path))
}
