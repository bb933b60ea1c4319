//! Search for the end of a session in the text of its file: the last span that a process writes of a session has
//! no parent, or one in another process.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use opentelemetry_proto::tonic::trace::v1::SpanFlags;

use crate::disk::private_files::open_to_read;

/// Maximum bytes searched, from the end of the file, and bytes read at once.
const LONGEST_LOOK: u64 = 64 << 20;
const PIECE: u64 = 256 << 10;

/// Text before a span's parent id, and between that and its flags. It cannot occur within a JSON string, where the
/// quotes are escaped.
const PARENT: &[u8] = br#""parentSpanId":""#;
const FLAGS: &[u8] = br#"","flags":"#;
const ID: usize = 16;
/// Maximum bytes examined from the start of `PARENT`.
const WINDOW: usize = PARENT.len() + ID + FLAGS.len() + 10;

/// Returns `true` if a process has written its last span of a session. That is mostly near the end of the file.
pub(super) fn has_ended(path: &Path) -> bool {
    open_to_read(path).and_then(|file| holds_end(&file)).unwrap_or_default()
}

fn holds_end(mut file: &File) -> io::Result<bool> {
    let bytes = file.metadata()?.len();
    let first = bytes.saturating_sub(LONGEST_LOOK);
    let (mut end, mut piece) = (bytes, Vec::new());
    while end > first {
        let start = end.saturating_sub(PIECE).max(first);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        // A match at the end of this piece may continue in the piece read before.
        file.take(end - start + WINDOW as u64).read_to_end(&mut piece)?;
        if piece
            .windows(PARENT.len())
            .enumerate()
            .any(|(at, part)| part == PARENT && is_end(&piece[at..]))
        {
            return Ok(true);
        }
        end = start;
    }
    Ok(false)
}

/// Returns `true` if the span whose parent id stands here is the last of its process.
fn is_end(text: &[u8]) -> bool {
    let text = &text[PARENT.len()..];
    if text.first() == Some(&b'"') {
        return true;
    }
    let flags = text.get(ID..).and_then(|text| text.strip_prefix(FLAGS)).unwrap_or_default();
    let digits = flags.iter().take_while(|digit| digit.is_ascii_digit());
    let flags =
        digits.fold(0_u32, |sum, digit| sum.wrapping_mul(10).wrapping_add(u32::from(digit - b'0')));
    flags & SpanFlags::ContextIsRemoteMask as u32 != 0
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PLACES: usize = 2 * WINDOW;

    /// Returns `true` if a file with this text, this many bytes before its end, has ended.
    fn ends(text: &str, behind: usize) -> bool {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("{{}}{text}{}", " ".repeat(behind))).unwrap();
        has_ended(file.path())
    }

    #[test]
    fn has_ended_finds_end_at_any_offset() {
        let piece = usize::try_from(PIECE).unwrap();
        let remote = r#""parentSpanId":"b7ad6b7169203331","flags":769,"name":"#;
        let local = r#""parentSpanId":"b7ad6b7169203331","flags":257,"name":"#;
        for behind in [0, 5].into_iter().chain((0..PLACES).map(|offset| piece - PLACES + offset)) {
            let found = [r#""parentSpanId":"","#, remote, local].map(|text| ends(text, behind));
            assert_eq!(found, [true, true, false], "{behind}");
        }
        assert_eq!([remote, local].map(|text| ends(text, 3 * piece + 7)), [true, false]);
    }

    #[test]
    fn has_ended_ignores_truncated_or_escaped_text() {
        for text in [
            r#""parentSpanId":"#,
            r#""parentSpanId":"b7ad6b7169203331"#,
            r#""parentSpanId":"b7ad6b7169203331","flags":"#,
            r#""parentSpanId":"b7ad6b7169203331","flags":"769""#,
            r#""parentSpanId":"b7ad6b7169203331","name":"a""#,
            r#"\"parentSpanId\":\"\""#,
        ] {
            assert!(!ends(text, 0), "{text}");
        }
    }
}
