//! Protocol buffers writer: fields are appended to one buffer.

use prost::encoding::encoded_len_varint;

/// Maximum length of a varint in bytes.
const LONGEST: usize = 10;

/// Wire type of a value: the lowest three bits of its key.
#[derive(Clone, Copy)]
enum Form {
    Varint = 0,
    Fixed64 = 1,
    Counted = 2,
    Fixed32 = 5,
}

/// Buffer of the encoded bytes. Fields are identified by their number in the message being written.
#[derive(Debug)]
pub(super) struct Wire(Vec<u8>);

impl Wire {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Writes a varint: seven bits per byte, lowest first.
    #[inline]
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    #[inline]
    fn announce(&mut self, field: u32, form: Form) {
        self.varint((field << 3 | form as u32).into());
    }

    pub(super) fn number(&mut self, field: u32, number: u64) {
        self.announce(field, Form::Varint);
        self.varint(number);
    }

    /// Writes a number; zero is omitted.
    pub(super) fn count(&mut self, field: u32, count: u32) {
        if count > 0 {
            self.number(field, count.into());
        }
    }

    pub(super) fn fixed32(&mut self, field: u32, number: u32) {
        self.announce(field, Form::Fixed32);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn fixed64(&mut self, field: u32, number: u64) {
        self.announce(field, Form::Fixed64);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Writes key and length of a message or text of exactly this many bytes.
    #[inline]
    pub(super) fn open(&mut self, field: u32, length: usize) {
        self.announce(field, Form::Counted);
        self.varint(length as u64);
    }

    #[inline]
    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.open(field, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Writes a text; an empty one is omitted.
    pub(super) fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.bytes(field, text.as_bytes());
        }
    }

    /// Writes a message of about this many bytes. Its length comes first: room is reserved for it by the estimate,
    /// and the message is moved only if the length takes another number of bytes.
    pub(super) fn message(&mut self, field: u32, about: usize, write: impl FnOnce(&mut Self)) {
        self.announce(field, Form::Counted);
        let length_at = self.0.len();
        self.varint(about as u64);
        let start = self.0.len();
        write(self);
        self.write_length(length_at, start);
    }

    /// Writes the length of the message that starts at `start` into the room reserved at `length_at`.
    fn write_length(&mut self, length_at: usize, start: usize) {
        let length = (self.0.len() - start) as u64;
        if encoded_len_varint(length) != start - length_at {
            let mut number = Self::with_capacity(LONGEST);
            number.varint(length);
            self.0.splice(length_at..start, number.0);
            return;
        }
        let mut rest = length;
        for byte in &mut self.0[length_at..start] {
            *byte = rest as u8 | 0x80;
            rest >>= 7;
        }
        self.0[start - 1] &= 0x7f;
    }

    /// Appends bytes that are already encoded.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn put_before(&mut self, head: Self) {
        self.0.splice(..0, head.0);
    }
}

/// Returns the size of a field of this many bytes with key and length; its field number is below 16.
pub(super) fn counted(length: usize) -> usize {
    1 + encoded_len_varint(length as u64) + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_length_correct_despite_wrong_estimate() {
        for length in [0, 1, 127, 128, 16_383, 16_384] {
            for about in [0, 127, 128, 20_000, 1 << 40] {
                let mut wire = Wire::with_capacity(0);
                wire.message(1, about, |wire| wire.0.extend(vec![7; length]));
                wire.count(2, 3);
                let mut expected = vec![0x0a];
                prost::encoding::encode_varint(length as u64, &mut expected);
                expected.extend(vec![7; length]);
                expected.extend([0x10, 3]);
                assert_eq!(wire.into_bytes(), expected, "{length}, thought to be {about}");
            }
        }
    }
}
