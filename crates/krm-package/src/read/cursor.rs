//! A node on the way of a typed read: its alias is followed, its scalar resolved, its tag judged.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::node::NodeRef;
use super::unplaced::Unplaced;
use crate::syntax::scalar::{self, Plain};
use crate::syntax::tree::{Form, NodeId};

/// Aliases can stack deeper than the text is nested.
const MAX_DEPTH: u32 = 300;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    pub(super) node: NodeRef<'t>,
    depth: u32,
}

impl<'t> Cursor<'t> {
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

    /// Places an error that has no place yet: where the node, its alias followed, is.
    #[cold]
    #[inline(never)]
    pub(super) fn here(self, mut error: Unplaced) -> Unplaced {
        error.stands_at(self.node.tree.span(self.node.followed().id).start);
        error
    }

    /// Whether nothing is written, or `null`, the alias followed.
    #[inline(never)]
    pub(super) fn is_none(self) -> Result<bool, Unplaced> {
        let reader = self.followed()?;
        Ok(reader.node.tag().is_none() && reader.node.is_null())
    }

    pub(super) fn offset(self) -> usize {
        self.node.tree.span(self.node.id).start
    }

    pub(super) fn scalar(self) -> Result<Scalar<'t>, Unplaced> {
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

    /// The keys of a mapping with their values, those of a `<<` after its own.
    ///
    /// A key in front of a `<<` that brings it too is refused: kustomize and kpt keep it, and
    /// `kubectl apply` takes what is merged, because its reader goes by order
    /// (sigs.k8s.io/yaml/goyaml.v2, `decode.go`: `mapping`).
    pub(super) fn entries(self) -> Result<Vec<(NodeId, NodeId)>, Unplaced> {
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

/// A scalar as a visitor takes it.
pub(super) enum Scalar<'t> {
    Null,
    Boolean(bool),
    Integer(i64),
    Natural(u64),
    Float(f64),
    Text(Cow<'t, str>),
}
