//! A node as `serde` reads it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::de::{self, IntoDeserializer, Visitor};

use super::collections::{Entries, Fields};
use super::unplaced::Unplaced;
use super::{Correction, NodeRef};
use crate::syntax::scalar::{self, Plain};
use crate::syntax::tree::{Form, NodeId};

/// Aliases can stack deeper than the text is nested.
const MAX_DEPTH: u32 = 300;

#[derive(Clone, Copy)]
pub(super) struct NodeReader<'t> {
    pub(super) node: NodeRef<'t>,
    depth: u32,
}

impl<'t> NodeReader<'t> {
    pub(super) fn of(node: NodeRef<'t>) -> Self {
        Self { node, depth: 0 }
    }

    pub(super) fn followed(self) -> Result<Self, Unplaced> {
        if self.depth > MAX_DEPTH {
            return Err(self.refuse("nested more than 300 levels deep after following aliases"));
        }
        Ok(Self { node: self.node.followed(), depth: self.depth })
    }

    pub(super) fn below(self, id: NodeId) -> Self {
        Self { node: self.node.at(id), depth: self.depth + 1 }
    }

    pub(super) fn refuse(self, message: &str) -> Unplaced {
        Unplaced::new(message.to_owned(), Some(self.offset()))
    }

    /// Places an error that has no place yet: where the node, its alias followed, stands.
    #[cold]
    #[inline(never)]
    pub(super) fn here(self, mut error: Unplaced) -> Unplaced {
        error.stands_at(self.node.tree.span(self.node.followed().id).start);
        error
    }

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

    /// The mapping that a type wants, or what stands in its place. Like `shape`, once for all types.
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

    /// Whether nothing is written, or `null`, the alias followed.
    #[inline(never)]
    fn is_none(self) -> Result<bool, Unplaced> {
        let reader = self.followed()?;
        Ok(reader.node.tag().is_none() && reader.node.is_null())
    }

    pub(super) fn offset(self) -> usize {
        self.node.tree.span(self.node.id).start
    }

    /// What the node is, for a visitor. Nothing here depends on the type that is read: as part of
    /// `deserialize_any` it would stand in the binary once for each.
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

    fn scalar(self) -> Result<Scalar<'t>, Unplaced> {
        let node = self.node.tree.node(self.node.id);
        let text = scalar::text(self.node.source, node);
        let is_plain = matches!(node.form, Form::Plain | Form::Empty);
        let tag = self.node.tag();
        let found = match (tag, tag.and_then(core_name)) {
            (None, _) if is_plain => scalar::resolve(&text),
            // A tag of somebody's own makes any scalar a text to Go's readers.
            (None, _) | (Some(_), Some("str")) => Plain::Text,
            (Some("!"), _) if is_plain && scalar::resolve(&text) != Plain::Text => {
                return Err(self.refuse(
                    "YAML readers disagree about this value after a `!`; write it in quotes, or remove the tag",
                ));
            }
            (Some(_), None) => Plain::Text,
            (Some(_), Some(name)) if is_plain && agrees(name, scalar::resolve(&text)) => {
                scalar::resolve(&text)
            }
            (Some(_), Some(_)) => {
                return Err(self.refuse("this tag has no meaning in a manifest; remove it"));
            }
        };
        Ok(match found {
            Plain::Null => Scalar::Null,
            Plain::Boolean(value) => Scalar::Boolean(value),
            Plain::Integer(value) => match (i64::try_from(value), u64::try_from(value)) {
                (Ok(value), _) => Scalar::Integer(value),
                (_, Ok(value)) => Scalar::Natural(value),
                _ => Scalar::Float(value as f64),
            },
            Plain::Float(value) if value.is_finite() => Scalar::Float(value),
            Plain::Float(_) => {
                return Err(self.refuse("this number is not finite, which JSON does not allow"));
            }
            Plain::Text | Plain::Merge => Scalar::Text(text),
        })
    }

    /// The keys of a mapping with their values, those of a `<<` behind its own.
    ///
    /// A key in front of a `<<` that brings it too is refused: kustomize and kpt keep it, and
    /// `kubectl apply` takes what is merged, because its reader goes by order
    /// (sigs.k8s.io/yaml/goyaml.v2, `decode.go`: `mapping`).
    fn entries(self) -> Result<Vec<(NodeId, NodeId)>, Unplaced> {
        let tree = self.node.tree;
        let mut own = Vec::new();
        let mut merged = Vec::new();
        for (key, value) in tree.entries(self.node.id) {
            let is_merge = tree.node(key).form == Form::Plain && self.node.at(key).says("<<");
            if is_merge
                && matches!(self.node.at(key).tag().map(core_name), None | Some(Some("merge")))
            {
                merged.push((value, own.len()));
            } else {
                own.push((key, value));
            }
        }
        if merged.is_empty() {
            return Ok(own);
        }
        let text =
            |id: NodeId| scalar::text(self.node.source, tree.node(self.node.at(id).followed().id));
        let mut known: HashMap<_, _> =
            own.iter().enumerate().map(|(place, (key, _))| (text(*key), place)).collect();
        for (source, behind) in merged {
            let is_alias = tree.node(source).form == Form::Alias;
            let source = self.below(source).followed()?;
            let form = tree.node(source.node.id).form;
            if is_alias && !form.is_mapping() {
                return Err(source.refuse("only a mapping can be merged with <<"));
            }
            let mappings: Vec<NodeId> = if form.is_sequence() {
                tree.children(source.node.id).collect()
            } else {
                vec![source.node.id]
            };
            for mapping in mappings {
                let mapping = source.below(mapping).followed()?;
                if !tree.node(mapping.node.id).form.is_mapping() {
                    return Err(mapping.refuse("only a mapping can be merged with <<"));
                }
                for (key, value) in mapping.entries()? {
                    match known.entry(text(key)) {
                        Entry::Vacant(new) => {
                            new.insert(usize::MAX);
                            own.push((key, value));
                        }
                        Entry::Occupied(old) if *old.get() < behind => {
                            return Err(source.refuse(
                                "this << merges a key that the mapping already sets above, and YAML readers disagree about which value applies; write << first",
                            ));
                        }
                        Entry::Occupied(_) => {}
                    }
                }
            }
        }
        Ok(own)
    }
}

impl<'de> de::Deserializer<'de> for NodeReader<'de> {
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

    // What a type can't be is told here: its visitor would say the same, in code of its own for each
    // type. A struct's visitor would also take a list, field by field, which no manifest means.

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unplaced> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let mut fields = self.fields(&visitor)?;
        visitor.visit_map(&mut fields).map_err(|error| self.here(error))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unplaced> {
        let mut elements = self.elements()?;
        visitor.visit_seq(&mut elements).map_err(|error| self.here(error))
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

/// The name of a tag that YAML itself defines.
pub(super) fn core_name(tag: &str) -> Option<&str> {
    let verbatim = tag.strip_prefix("!<tag:yaml.org,2002:").and_then(|tag| tag.strip_suffix('>'));
    tag.strip_prefix("!!").or(verbatim)
}

/// Whether a plain scalar is what its tag says; a whole number is one with a point as well.
fn agrees(name: &str, found: Plain) -> bool {
    match found {
        Plain::Null => name == "null",
        Plain::Boolean(_) => name == "bool",
        Plain::Integer(_) => name == "int" || name == "float",
        Plain::Float(_) => name == "float",
        Plain::Text | Plain::Merge => false,
    }
}

/// Whether a plain key is its own text to `kubectl apply`, which resolves it first and writes it out
/// again (sigs.k8s.io/yaml, `convertToJSONableObject`), as it is to kustomize and kpt. A word that is a
/// boolean to kubectl alone (`on`, `y`) is a label or a coordinate to who wrote it: it counts as its text.
pub(super) fn is_own_text(text: &str) -> bool {
    match scalar::resolve(text) {
        Plain::Text | Plain::Merge | Plain::Boolean(_) => true,
        Plain::Integer(value) => i64::try_from(value).is_ok() && text == value.to_string(),
        Plain::Float(value) => {
            let range = 1e-4..1e6;
            range.contains(&value.abs()) && text == (value as f32).to_string()
        }
        Plain::Null => false,
    }
}

/// A node as a visitor takes it.
enum Shape<'t> {
    Scalar(Scalar<'t>),
    Mapping(Fields<'t>),
    Sequence(Entries<'t>),
}

enum Scalar<'t> {
    Null,
    Boolean(bool),
    Integer(i64),
    Natural(u64),
    Float(f64),
    Text(Cow<'t, str>),
}
