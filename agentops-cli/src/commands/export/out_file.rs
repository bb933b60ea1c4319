//! File that a command writes: whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
};

/// File that is being written. Without [`finish`](Self::finish) nothing is left of it.
pub(super) struct OutFile {
    out: BufWriter<File>,
    /// Temporary file and the one that it becomes; `None` for a device or a pipe.
    becomes: Option<[PathBuf; 2]>,
}

impl OutFile {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let target = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
                return Ok(Self { out, becomes: None });
            }
            // A link stays one.
            Ok(_) => fs::canonicalize(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        let temporary = target.with_file_name(format!(".agentops-export-{}.tmp", process::id()));
        let out = BufWriter::new(options().open(&temporary)?);
        Ok(Self { out, becomes: Some([temporary, target]) })
    }

    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(line.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Gives the file its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        if let Some([temporary, target]) = &self.becomes {
            fs::rename(temporary, target)?;
            self.becomes = None;
        }
        Ok(())
    }
}

/// Returns how a new file is opened: for its owner only, as that of a session.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true);
    options
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if let Some([temporary, _]) = &self.becomes {
            let _ = fs::remove_file(temporary);
        }
    }
}
