//! Implementation of serde's `Serializer` for the writer.

use std::{fmt::Display, mem};

use serde::{Serialize, Serializer, ser};

use super::{Next, SerializeStop, Writer};

macro_rules! leaves {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), SerializeStop> {
            self.leaf(&value)
        }
    )*};
}

impl Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = SerializeStop;
    type SerializeSeq = Open<Self>;
    type SerializeTuple = Open<Self>;
    type SerializeTupleStruct = Open<Self>;
    type SerializeTupleVariant = Open<Self>;
    type SerializeMap = Open<Self>;
    type SerializeStruct = Open<Self>;
    type SerializeStructVariant = Open<Self>;

    leaves! {
        serialize_bool: bool, serialize_char: char,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
    }

    fn serialize_f32(self, value: f32) -> Result<(), SerializeStop> {
        self.float(f64::from(value), &value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), SerializeStop> {
        self.float(value, &value)
    }

    /// Bounded as well: `Display` output is cut like a string.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), SerializeStop> {
        self.display(value)
    }

    fn serialize_str(self, value: &str) -> Result<(), SerializeStop> {
        self.string(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), SerializeStop> {
        self.bytes(value, value.len())
    }

    fn serialize_none(self) -> Result<(), SerializeStop> {
        self.leaf(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), SerializeStop> {
        self.value(value)
    }

    fn serialize_unit(self) -> Result<(), SerializeStop> {
        self.leaf(&())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), SerializeStop> {
        self.leaf(&())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), SerializeStop> {
        self.string(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), SerializeStop> {
        self.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), SerializeStop> {
        self.begin(true)?;
        self.variant(variant)?;
        self.value(value)?;
        self.finish();
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Open<Self>, SerializeStop> {
        let skipped = mem::take(&mut self.is_last_only).then(|| match len {
            Some(len) if len > 1 => len - 1,
            // A single element is already written, or the length is unknown: skip everything.
            _ => usize::MAX,
        });
        Ok(Open { skipped: skipped.unwrap_or(0), ..Open::array(self, None)? })
    }

    fn serialize_tuple(self, _len: usize) -> Result<Open<Self>, SerializeStop> {
        Open::array(self, None)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Open<Self>, SerializeStop> {
        Open::array(self, None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<Self>, SerializeStop> {
        Open::array(self, Some(variant))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Open<Self>, SerializeStop> {
        Open::object(self, None)
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Open<Self>, SerializeStop> {
        // serde_json, toml and others pass values that serde's data model lacks as a struct with a `$` name.
        if len == 1 && name.starts_with('$') {
            return Ok(Open { around: self.inside, writer: self, levels: 0, skipped: 0 });
        }
        Open::object(self, None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<Self>, SerializeStop> {
        Open::object(self, Some(variant))
    }
}

/// Writer inside an array or object that serde is filling.
#[derive(Debug)]
pub struct Open<W> {
    writer: W,
    /// Number of containers to close at the end; zero if the single field replaces the struct.
    levels: usize,
    /// Meaning of the values in the surrounding container.
    around: Next,
    /// Number of elements that are still skipped.
    skipped: usize,
}

impl<'w, 'a> Open<&'w mut Writer<'a>> {
    fn array(
        writer: &'w mut Writer<'a>,
        variant: Option<&'static str>,
    ) -> Result<Self, SerializeStop> {
        Self::begin(writer, false, variant)
    }

    fn object(
        writer: &'w mut Writer<'a>,
        variant: Option<&'static str>,
    ) -> Result<Self, SerializeStop> {
        Self::begin(writer, true, variant)
    }

    /// Opens a container. The content of an enum variant is wrapped in an object with one key.
    fn begin(
        writer: &'w mut Writer<'a>,
        is_object: bool,
        variant: Option<&'static str>,
    ) -> Result<Self, SerializeStop> {
        let around = writer.inside;
        if let Some(variant) = variant {
            writer.begin(true)?;
            writer.variant(variant)?;
            writer.inside = mem::take(&mut writer.next);
        }
        writer.begin(is_object)?;
        Ok(Self { writer, levels: 1 + usize::from(variant.is_some()), around, skipped: 0 })
    }

    fn finish(self) {
        self.writer.inside = self.around;
        for _ in 0..self.levels {
            self.writer.finish();
        }
    }
}

macro_rules! elements {
    ($($compound:ident $method:ident),* $(,)?) => {$(
        impl ser::$compound for Open<&mut Writer<'_>> {
            type Ok = ();
            type Error = SerializeStop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
                if self.skipped > 0 {
                    self.skipped -= 1;
                    return Ok(());
                }
                self.writer.element(value)
            }

            fn end(self) -> Result<(), SerializeStop> {
                self.finish();
                Ok(())
            }
        }
    )*};
}
elements! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field,
}

macro_rules! fields {
    ($($compound:ident),* $(,)?) => {$(
        impl ser::$compound for Open<&mut Writer<'_>> {
            type Ok = ();
            type Error = SerializeStop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), SerializeStop> {
                if self.levels == 0 {
                    return self.writer.hidden(value);
                }
                self.writer.field(key, value)
            }

            fn end(self) -> Result<(), SerializeStop> {
                self.finish();
                Ok(())
            }
        }
    )*};
}
fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Open<&mut Writer<'_>> {
    type Ok = ();
    type Error = SerializeStop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeStop> {
        self.writer.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        self.writer.value(value)
    }

    fn end(self) -> Result<(), SerializeStop> {
        self.finish();
        Ok(())
    }
}
