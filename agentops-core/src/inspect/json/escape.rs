//! Escape sequences in JSON text, which must not be split.

/// Returns the last position, at most `room` bytes in, at which an escaped text may be cut.
pub(super) fn cut(json: &[u8], room: usize) -> usize {
    let between = |end: &usize| json.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (0..=room.min(json.len())).rev().find(between).unwrap_or(0);
    // An escape sequence that begins this close to the end may extend beyond it.
    let near = end.saturating_sub(LONGEST_ESCAPE - 1)..end;
    let cut_through = |at: &usize| {
        let length = if json.get(at + 1) == Some(&b'u') { LONGEST_ESCAPE } else { 2 };
        is_escape(json, *at) && at + length > end
    };
    near.into_iter().find(cut_through).unwrap_or(end)
}

/// Length of an escape such as `\u001f`.
const LONGEST_ESCAPE: usize = 6;

/// Returns `true` if an escape sequence begins here, rather than inside an escaped backslash.
fn is_escape(json: &[u8], at: usize) -> bool {
    let before = json[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    json[at] == b'\\' && before % 2 == 0
}
