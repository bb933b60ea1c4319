//! Secret in the address of the page, kept for each store so that bookmarks live.
//!
//! Cookies are shared by all ports of a machine, so another local server would get them; a path is not.

use std::{
    env, fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use subtle::ConstantTimeEq;

/// Bytes of a secret.
const BYTES: usize = 24;

/// Most stores whose addresses are kept.
const MOST_KEPT: usize = 200;

/// Secret of 24 random bytes, as hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

/// Secret and port by which the page of a store was served last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAddress {
    pub(crate) token: Token,
    pub(crate) port: Option<u16>,
}

impl Token {
    /// Creates a secret.
    ///
    /// # Errors
    /// Returns an error if the system has no random numbers.
    pub(crate) fn new() -> io::Result<Self> {
        let mut bytes = [0; BYTES];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| io::Error::other("the system gives no random numbers"))?;
        Ok(Self(hex(&bytes)))
    }

    /// Reads a secret that was kept; `None` if the text is none.
    fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 2 * BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(text.to_owned()))
    }

    /// Compares a text with the secret, in a time that tells nothing of it.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl KeptAddress {
    /// Returns the file that keeps the address of the stores at these paths: in the folder of the user's programs for
    /// what they remember, named after the paths.
    pub(crate) fn file(stores: &[PathBuf]) -> Option<PathBuf> {
        let paths = stores.iter().map(|store| real_path(store)).collect::<Option<Vec<_>>>()?;
        let paths: Vec<_> = paths.iter().map(|path| path.as_os_str().as_encoded_bytes()).collect();
        let hash = digest(&SHA256, &paths.join(&0));
        Some(state_dir()?.join("agentops").join("view").join(hex(&hash.as_ref()[..16])))
    }

    /// Reads the address that a file keeps. One that others may read is no secret any more.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        if !is_private(file) {
            return None;
        }
        let text = fs::read_to_string(file).ok()?;
        let (token, port) = text.split_once('\n')?;
        Some(Self { token: Token::parse(token)?, port: port.trim_end().parse().ok() })
    }

    /// Writes the address to a file that only its user may read.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        create_private_dir(folder)?;
        let temporary = file.with_extension(format!("{}.tmp", process::id()));
        let port = self.port.map(|port| port.to_string()).unwrap_or_default();
        let written = private_file(&temporary)
            .and_then(|mut out| out.write_all(format!("{}\n{port}\n", self.token).as_bytes()))
            .and_then(|()| fs::rename(&temporary, file));
        written.inspect_err(|_| _ = fs::remove_file(&temporary))?;
        forget_old(folder);
        Ok(())
    }
}

/// Returns the path without links, also of a folder that is not there yet.
fn real_path(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let real = path.ancestors().find_map(|above| {
        let below = path.strip_prefix(above).ok()?;
        Some(above.canonicalize().ok()?.join(below))
    });
    // Without a separator at the end.
    real.map(|path| path.components().collect())
}

/// Removes the addresses of the stores that were not looked at for longest, so that there are not ever more.
fn forget_old(folder: &Path) {
    let written = |entry: &fs::DirEntry| entry.metadata().and_then(|found| found.modified()).ok();
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.map(|entry| (written(&entry), entry.path())).collect();
    files.sort();
    let many = files.len().saturating_sub(MOST_KEPT);
    files[..many].iter().for_each(|(_, path)| _ = fs::remove_file(path));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn state_dir() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME");
    if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library").join("Application Support"))
    } else {
        absolute("XDG_STATE_HOME").or_else(|| home().map(|home| home.join(".local").join("state")))
    }
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    let found = fs::symlink_metadata(file);
    found.is_ok_and(|found| found.is_file() && found.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
fn is_private(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok_and(|found| found.is_file())
}

fn create_private_dir(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> KeptAddress {
        KeptAddress { token: Token::new().unwrap(), port: Some(7_001) }
    }

    #[test]
    fn token_is_new_each_time_and_matches_itself_alone() {
        let [one, other] = [Token::new().unwrap(), Token::new().unwrap()];
        assert_eq!(one.to_string().len(), 48);
        let text = other.to_string();
        assert_eq!(
            [&*text, &text[1..], "", &one.to_string()].map(|text| other.matches(text)),
            [true, false, false, false]
        );
        assert_eq!(format!("{one:?}"), "Token(…)");
    }

    #[test]
    fn address_is_kept_until_others_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let (file, address) = (dir.path().join("a").join("b"), kept());
        address.write(&file).unwrap();
        assert_eq!(KeptAddress::read(&file), Some(address));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
            assert_eq!(KeptAddress::read(&file), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn real_path_is_the_same_before_there_is_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        fs::create_dir(real.join("real")).unwrap();
        std::os::unix::fs::symlink(real.join("real"), real.join("link")).unwrap();
        let folder = real.join("link").join("a").join("b");
        let before = real_path(&folder);
        fs::create_dir_all(&folder).unwrap();
        let expected = real.join("real").join("a").join("b").into_os_string();
        let paths = [before, real_path(&folder)].map(|path| path.map(PathBuf::into_os_string));
        assert_eq!(paths, [Some(expected.clone()), Some(expected)]);
    }

    #[test]
    fn addresses_of_the_last_stores_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let address = kept();
        for store in 0..MOST_KEPT + 3 {
            address.write(&dir.path().join(format!("{store}"))).unwrap();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), MOST_KEPT);
        let last = dir.path().join(format!("{}", MOST_KEPT + 2));
        assert_eq!(KeptAddress::read(&last), Some(address));
    }

    #[test]
    fn garbage_keeps_no_address() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        for garbage in ["", "\n", "abc\n7\n", &"g".repeat(48), &format!("{}/\n1\n", "a".repeat(47))]
        {
            private_file(&file).unwrap().write_all(garbage.as_bytes()).unwrap();
            assert_eq!(KeptAddress::read(&file), None, "{garbage}");
            fs::remove_file(&file).unwrap();
        }
        let without_port = KeptAddress { port: None, ..kept() };
        without_port.write(&file).unwrap();
        assert_eq!(KeptAddress::read(&file), Some(without_port));
    }
}
