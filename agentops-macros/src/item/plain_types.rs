//! Names of types that are plain data: they do no deferred work and hide no `Result`.

/// Data types of the standard library.
const DATA: [&str; 31] = [
    "bool",
    "char",
    "str",
    "String",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "NonZero",
    "Vec",
    "VecDeque",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "PathBuf",
    "Path",
    "OsString",
    "Duration",
    "Instant",
    "SystemTime",
];

/// Returns `true` if a type of this name is plain data.
pub(super) fn is_data(name: &str) -> bool {
    DATA.contains(&name)
}
