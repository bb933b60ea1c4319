use tempfile::tempdir;

use super::*;

/// Returns the problem of an [`Unfit`] error.
fn problem<T: std::fmt::Debug>(result: io::Result<T>) -> Option<Problem> {
    result.err().and_then(|error| Unfit::of(&error).map(|unfit| unfit.problem))
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn file_is_created_once_and_then_appended_to() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    open_to_append(&path).unwrap().write_all(b"a").unwrap();
    open_to_append(&path).unwrap().write_all(b"b").unwrap();
    assert_eq!(read_within(&path, 2).unwrap(), b"ab");
    assert_eq!(create_new(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
    let longer = read_within(&path, 1).unwrap_err();
    assert_eq!(longer.to_string(), format!("`{}` is longer than 1 bytes", path.display()));
}

#[test]
fn whole_file_replaces_another_only_if_asked() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    write_whole(&path, b"first").unwrap();
    write_whole(&path, b"second").unwrap();
    let refused = write_whole_new(&path, b"third").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"second");
    assert_eq!(names_in(dir.path()), ["file"]);
}

#[test]
fn obstacle_of_an_unfinished_file_is_not_written_to() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    fs::create_dir(path.with_extension("tmp")).unwrap();
    fs::write(path.with_extension("1.tmp"), "of a dead process").unwrap();
    write_whole(&path, b"whole").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"whole");
    assert_eq!(names_in(dir.path()), ["file", "file.tmp"]);
}

#[test]
fn gitignore_is_accepted_if_it_hides_everything() {
    for (text, hides) in [
        ("*\n", true),
        ("# ours\r\n*\r\n", true),
        ("*", true),
        ("", false),
        ("!*\n", false),
        ("*\n!*\n", false),
        ("*.jsonl\n", false),
        ("/*\n", false),
    ] {
        let dir = tempdir().unwrap();
        fs::write(dir.path().join(GITIGNORE), text).unwrap();
        let expected = if hides { None } else { Some(Problem::HidesNothing) };
        assert_eq!(problem(hide_from_git(dir.path())), expected, "{text:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::{
            fs::{PermissionsExt, chown, symlink},
            net::UnixListener,
        },
        process::Command,
    };

    use tempfile::TempDir;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Returns each kind of thing that may stand where a file should, with its problem.
    fn no_files(dir: &TempDir) -> Vec<(PathBuf, Problem)> {
        let at = |name: &str| dir.path().join(name);
        fs::write(at("target"), "target").unwrap();
        symlink(at("target"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        symlink("/dev/zero", at("to a device")).unwrap();
        fs::write(at("shared"), "shared").unwrap();
        fs::hard_link(at("shared"), at("other name")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        drop(UnixListener::bind(at("socket")).unwrap());
        assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
        let mut all = vec![
            (at("link"), Problem::Link),
            (at("dangling"), Problem::Link),
            (at("to a device"), Problem::Link),
            (at("shared"), Problem::Shared),
            (at("folder"), Problem::NoFile),
            (at("socket"), Problem::NoFile),
            (at("fifo"), Problem::NoFile),
            (PathBuf::from("/dev/zero"), Problem::NoFile),
        ];
        fs::write(at("foreign"), "foreign").unwrap();
        // Only the administrator may give a file away.
        if chown(at("foreign"), Some(65_533), None).is_ok() {
            all.push((at("foreign"), Problem::Foreign(65_533)));
        }
        all
    }

    #[test]
    fn unsafe_file_is_neither_read_nor_written() {
        let dir = tempdir().unwrap();
        for (path, expected) in no_files(&dir) {
            assert_eq!(problem(open_to_read(&path)), Some(expected), "{path:?}");
            assert_eq!(problem(open_to_append(&path)), Some(expected), "{path:?}");
            assert_eq!(create_new(&path).unwrap_err().kind(), ErrorKind::AlreadyExists, "{path:?}");
        }
        assert_eq!(fs::read(dir.path().join("target")).unwrap(), b"target");
        assert!(!dir.path().join("nothing").exists());
    }

    #[test]
    fn named_file_may_be_a_link_to_a_file() {
        let dir = tempdir().unwrap();
        for (path, expected) in no_files(&dir) {
            let allowed = [Problem::Shared, Problem::Foreign(65_533)].contains(&expected)
                || path.ends_with("link");
            let opened = open_named(&path);
            assert_eq!(opened.is_ok(), allowed, "{path:?} {opened:?}");
        }
    }

    #[test]
    fn created_files_are_private_whatever_the_umask() {
        let dir = tempdir().unwrap();
        let deep = dir.path().join("deep/er");
        make_own_dir(&deep).unwrap();
        drop((create_new(&deep.join("new")).unwrap(), open_to_append(&deep.join("log")).unwrap()));
        write_whole(&deep.join("whole"), b"").unwrap();
        hide_from_git(&deep).unwrap();
        assert_eq!([mode(&dir.path().join("deep")), mode(&deep)], [0o700; 2]);
        assert_eq!(
            ["new", "log", "whole", GITIGNORE].map(|name| mode(&deep.join(name))),
            [0o600; 4]
        );
    }

    #[test]
    fn appending_removes_the_access_of_others() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        for mode_before in [0o644, 0o666, 0o640, 0o600] {
            fs::write(&path, "").unwrap();
            set_mode(&path, mode_before);
            drop(open_to_append(&path).unwrap());
            assert_eq!(mode(&path), 0o600, "{mode_before:o}");
        }
    }

    #[test]
    fn folder_is_accepted_if_only_its_owner_may_write() {
        let dir = tempdir().unwrap();
        let folder = dir.path().join("folder");
        fs::create_dir(&folder).unwrap();
        for (mode, expected) in [
            (0o700, None),
            (0o755, None),
            (0o500, None),
            (0o720, Some(Problem::WritableByOthers)),
            (0o702, Some(Problem::WritableByOthers)),
            (0o1777, Some(Problem::WritableByOthers)),
        ] {
            set_mode(&folder, mode);
            assert_eq!(problem(make_own_dir(&folder)), expected, "{mode:o}");
        }
        let link = dir.path().join("link");
        symlink(&folder, &link).unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(problem(make_own_dir(&link)), Some(Problem::LinkToFolder));
        assert_eq!(problem(make_own_dir(&dir.path().join("file"))), Some(Problem::NoFolder));
        if chown(&folder, Some(65_533), None).is_ok() {
            assert_eq!(problem(make_own_dir(&folder)), Some(Problem::Foreign(65_533)));
        }
    }

    #[test]
    fn symlinked_folder_inherits_target_safety() {
        let dir = tempdir().unwrap();
        let (shared, link) = (dir.path().join("shared"), dir.path().join("link"));
        fs::create_dir(&shared).unwrap();
        symlink(&shared, &link).unwrap();
        let sessions = link.join("sessions");
        // In a sticky folder, users may rename only their own entries.
        for (mode, expected) in
            [(0o755, None), (0o777, Some(Problem::WritableByOthers)), (0o1777, None)]
        {
            set_mode(&shared, mode);
            assert_eq!(problem(check_linked_parents(&sessions)), expected, "{mode:o}");
            assert_eq!(problem(check_linked_parents(&shared.join("sessions"))), None);
        }
    }

    #[test]
    fn unsafe_gitignore_is_not_followed() {
        for (name, make) in [
            ("dangling", &(|path: &Path| symlink("nothing", path).unwrap()) as &dyn Fn(&Path)),
            ("fifo", &|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
            ("folder", &|path| fs::create_dir(path).unwrap()),
        ] {
            let dir = tempdir().unwrap();
            make(&dir.path().join(GITIGNORE));
            assert_eq!(problem(hide_from_git(dir.path())), Some(Problem::HidesNothing), "{name}");
            assert_eq!(names_in(dir.path()), [GITIGNORE], "{name}");
        }
    }
}
