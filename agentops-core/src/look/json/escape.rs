//! Escapes in a text of JSON, which must not be cut in two.

/// The place at which an escaped text may be cut, after so many bytes at the most.
pub(super) fn cut(json: &[u8], room: usize) -> usize {
    let between = |end: &usize| json.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (0..=room.min(json.len())).rev().find(between).unwrap_or(0);
    // An escape that begins this near may reach beyond.
    let near = end.saturating_sub(LONGEST_ESCAPE - 1)..end;
    let cut_through = |at: &usize| {
        let length = if json.get(at + 1) == Some(&b'u') { LONGEST_ESCAPE } else { 2 };
        is_escape(json, *at) && at + length > end
    };
    near.into_iter().find(cut_through).unwrap_or(end)
}

/// `\u001f`
const LONGEST_ESCAPE: usize = 6;

/// True if an escape begins here, rather than in an escaped backslash.
fn is_escape(json: &[u8], at: usize) -> bool {
    let before = json[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    json[at] == b'\\' && before % 2 == 0
}
