//! A node as `serde` reads it.

use std::borrow::Cow;

use serde::de::{self, IntoDeserializer, Visitor};

use super::collections::{Entries, Fields};
use super::cursor::{Cursor, Scalar, core_name};
use super::error::Correction;
use super::unplaced::Unplaced;
use crate::syntax::tree::NodeId;

impl<'t> Cursor<'t> {
    #[cold]
    #[inline(never)]
    fn mismatch(self, found: &Shape<'_>, expected: &dyn de::Expected) -> Unplaced {
        let found = match found {
            Shape::Mapping(_) => de::Unexpected::Map,
            Shape::Sequence(_) => de::Unexpected::Seq,
            Shape::Scalar(Scalar::Null) => de::Unexpected::Unit,
            Shape::Scalar(Scalar::Boolean(value)) => de::Unexpected::Bool(*value),
            Shape::Scalar(Scalar::Integer(value)) => de::Unexpected::Signed(*value),
            Shape::Scalar(Scalar::Natural(value)) => de::Unexpected::Unsigned(*value),
            Shape::Scalar(Scalar::Float(value)) => de::Unexpected::Float(*value),
            Shape::Scalar(Scalar::Text(text)) => de::Unexpected::Str(text),
        };
        self.here(de::Error::invalid_type(found, expected))
    }

    /// The mapping that a type wants, or what is in its place. Like `shape`, once for all types.
    #[inline(never)]
    fn fields(self, expected: &dyn de::Expected) -> Result<Fields<'t>, Unplaced> {
        match self.shape()? {
            Shape::Mapping(fields) => Ok(fields),
            other => Err(self.mismatch(&other, expected)),
        }
    }

    #[inline(never)]
    fn elements(self) -> Result<Entries<'t>, Unplaced> {
        match self.shape()? {
            Shape::Sequence(entries) => Ok(entries),
            other => Err(self.mismatch(&other, &"a list, each entry after \"- \"")),
        }
    }

    /// The node as the one entry of a list.
    #[cold]
    #[inline(never)]
    fn as_entry(self) -> Entries<'t> {
        Entries { reader: self, entries: vec![self.node.id].into_iter(), place: 0 }
    }

    #[inline(never)]
    fn text(self, expected: &dyn de::Expected) -> Result<Cow<'t, str>, Unplaced> {
        match self.shape()? {
            Shape::Scalar(Scalar::Text(text)) => Ok(text),
            other @ Shape::Scalar(_) => {
                Err(self.mismatch(&other, expected).corrected(Some(Correction::Quotes)))
            }
            other => Err(self.mismatch(&other, expected)),
        }
    }

    /// What the node is, for a visitor. Nothing here depends on the type that is read: as part of
    /// `deserialize_any` it would be in the binary once for each.
    #[inline(never)]
    fn shape(self) -> Result<Shape<'t>, Unplaced> {
        let reader = self.followed()?;
        let tree = reader.node.tree;
        let form = tree.node(reader.node.id).form;
        if form.is_scalar() {
            return reader.scalar().map(Shape::Scalar);
        }
        let own = if form.is_mapping() { "map" } else { "seq" };
        if reader.node.tag().and_then(core_name).is_some_and(|name| name != own) {
            return Err(reader.refuse("this tag has no meaning in a manifest; remove it"));
        }
        if form.is_mapping() {
            let entries = reader.entries()?.into_iter();
            return Ok(Shape::Mapping(Fields::new(reader, entries)));
        }
        let entries: Vec<NodeId> = tree.children(reader.node.id).collect();
        Ok(Shape::Sequence(Entries { reader, entries: entries.into_iter(), place: 0 }))
    }
}

impl<'de> de::Deserializer<'de> for Cursor<'de> {
    type Error = Unplaced;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let read = match self.shape()? {
            Shape::Mapping(mut fields) => visitor.visit_map(&mut fields),
            Shape::Sequence(mut entries) => visitor.visit_seq(&mut entries),
            Shape::Scalar(scalar) => match scalar {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Boolean(value) => visitor.visit_bool(value),
                Scalar::Integer(value) => visitor.visit_i64(value),
                Scalar::Natural(value) => visitor.visit_u64(value),
                Scalar::Float(value) => visitor.visit_f64(value),
                Scalar::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
                Scalar::Text(Cow::Owned(text)) => visitor.visit_string(text),
            },
        };
        read.map_err(|error| self.here(error))
    }

    // A mismatch of types is reported here: each visitor would do the same, in code of its own for each
    // type. A struct's visitor would also take a list, field by field, which no manifest means.

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        let mut fields = self.fields(&visitor).map_err(|error| error.of_mapping(keys))?;
        visitor.visit_map(&mut fields).map_err(|error| self.here(error))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let mut fields = self.fields(&visitor)?;
        visitor.visit_map(&mut fields).map_err(|error| self.here(error))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        match self.elements() {
            Ok(mut elements) => visitor.visit_seq(&mut elements).map_err(|error| self.here(error)),
            Err(error) => {
                // What an entry would have to be is known once one is read.
                let read = visitor.visit_seq(&mut self.as_entry()).err();
                Err(error.of_mapping(read.map_or(&[], |error| error.keys_of_entry())))
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let read = match self.text(&visitor)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        };
        read.map_err(|error| self.here(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        if self.is_none()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        let reader = self.followed()?;
        let Some(text) = reader.node.as_str() else {
            let expected = format!("one of {}", words.join(", "));
            return Err(reader.mismatch(&reader.shape()?, &expected.as_str()));
        };
        visitor
            .visit_enum(text.into_owned().into_deserializer())
            .map_err(|error: Unplaced| self.here(error))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit
        unit_struct tuple tuple_struct identifier
    }
}

/// A node as a visitor takes it.
enum Shape<'t> {
    Scalar(Scalar<'t>),
    Mapping(Fields<'t>),
    Sequence(Entries<'t>),
}
