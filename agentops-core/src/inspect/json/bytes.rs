//! Lists of bytes, which serde usually passes one byte at a time.

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

use super::SerializeStop;

/// First bytes of a list, and the number of bytes in it.
#[derive(Debug)]
pub(super) struct Bytes {
    pub(super) taken: Vec<u8>,
    most: usize,
    announced: usize,
}

impl Bytes {
    pub(super) fn new(most: usize) -> Self {
        Self { taken: Vec::new(), most, announced: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.announced.max(self.taken.len())
    }

    fn announce(&mut self, len: Option<usize>) {
        // Without a length, `serialize_u8` reports one byte more than is kept.
        self.announced = len.unwrap_or(0);
        self.taken.reserve(self.announced.min(self.most));
    }
}

/// Formats bytes as text if they are UTF-8, otherwise in base64. A character may be incomplete at either end.
pub(super) fn shown(bytes: &[u8], len: usize) -> String {
    text(bytes).unwrap_or_else(|| {
        format!("<{len} bytes, base64> {}", Base64Display::new(bytes, &STANDARD))
    })
}

fn text(bytes: &[u8]) -> Option<String> {
    let is_inside = |byte: &&u8| **byte & 0xc0 == 0x80;
    let before = bytes.iter().take(3).take_while(is_inside).count();
    let text = String::from_utf8_lossy(bytes.get(before..)?);
    let (text, after) = match text.strip_suffix(char::REPLACEMENT_CHARACTER) {
        Some(start) if !bytes.ends_with("\u{fffd}".as_bytes()) => (start, true),
        _ => (&*text, false),
    };
    let is_strange =
        |c: char| c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace();
    if text.contains(is_strange) || text.is_empty() && (before > 0 || after) {
        return None;
    }
    let missing = |is: bool| if is { "\u{fffd}" } else { "" };
    Some(format!("{}{text}{}", missing(before > 0), missing(after)))
}

fn no_byte<T>() -> Result<T, SerializeStop> {
    Err(ser::Error::custom("no byte"))
}

macro_rules! no_bytes {
    ($($method:ident($($type:ty),*) $(-> $compound:ty)?;)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<no_bytes!(@ $($compound)?), SerializeStop> {
            no_byte()
        }
    )*};
    (@) => { () };
    (@ $compound:ty) => { $compound };
}

type No = Impossible<(), SerializeStop>;

impl Serializer for &mut Bytes {
    type Ok = ();
    type Error = SerializeStop;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn serialize_u8(self, byte: u8) -> Result<(), SerializeStop> {
        if self.taken.len() == self.most {
            self.announced = self.announced.max(self.most + 1);
            return Err(SerializeStop::Full);
        }
        self.taken.push(byte);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), SerializeStop> {
        self.announced = bytes.len();
        self.taken.extend_from_slice(&bytes[..bytes.len().min(self.most)]);
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, SerializeStop> {
        self.announce(len);
        Ok(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self, SerializeStop> {
        self.announce(Some(len));
        Ok(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), SerializeStop> {
        no_byte()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<(), SerializeStop> {
        no_byte()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), SerializeStop> {
        no_byte()
    }

    no_bytes! {
        serialize_bool(bool); serialize_char(char); serialize_str(&str);
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
        serialize_f32(f32); serialize_f64(f64);
        serialize_none(); serialize_unit(); serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

macro_rules! each {
    ($($compound:ident),*) => {$(
        impl ser::$compound for &mut Bytes {
            type Ok = ();
            type Error = SerializeStop;

            fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), SerializeStop> {
                Ok(())
            }
        }
    )*};
}
each!(SerializeSeq, SerializeTuple);
