//! RFC 6902 operations on one object's text, each as a change of it.

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::emit::{self, Style};
use super::object::ObjectText;
use super::page::{Page, Slot, SlotKind};
use super::splice::Splice;
use crate::error::{Position, SourceError};
use crate::read::NodeRef;
use crate::syntax::lines::skip_blanks;
use crate::syntax::tree::{Form, NodeId, Tree};

/// The one root of an object's text.
pub(super) fn root(source: &str, tree: &Tree) -> Result<NodeId, SourceError> {
    match tree.roots[..] {
        [root] => Ok(root),
        _ => Err(SourceError::at(source, 0, "the object is not one YAML document")),
    }
}

/// An operation on its way to a change of an object's text.
pub(super) struct Edit<'t> {
    pub(super) object: &'t ObjectText<'t>,
    pub(super) tree: &'t Tree,
    pub(super) page: Page<'t>,
}

impl Edit<'_> {
    pub(super) fn add(&self, path: &Pointer, value: &Value) -> Result<Splice, SourceError> {
        let Some((parent, last)) = path.split_back() else {
            return self.replace(path, value);
        };
        let slot = self.slot(parent)?;
        let key = last.decoded();
        let form = self.tree.node(slot.node).form;
        let style = self.style();
        self.check_not_shared(slot.node)?;
        if form.is_mapping() {
            if self.child(slot.node, &key).is_some() {
                return self.replace(path, value);
            }
            self.check_has_plain_keys(slot.node)?;
            emit::check_key(&key).map_err(|error| self.refuse_node(slot.node, error))?;
            let is_empty = self.tree.entries(slot.node).next().is_none();
            if is_empty && !slot.in_flow {
                let entry = std::iter::once((key.into_owned(), value.clone())).collect();
                return Ok(self.page.replace(slot, &Value::Object(entry), style));
            }
            return self.page.add_entry(slot.node, &key, value, style);
        }
        if form.is_sequence() {
            let length = self.tree.children(slot.node).count();
            let place = if key == "-" { length } else { self.index(&key, slot.node)? };
            if place > length {
                return Err(self.refuse_node(slot.node, &format!("the list has {length} entries")));
            }
            if length == 0 && !slot.in_flow {
                return Ok(self.page.replace(slot, &Value::Array(vec![value.clone()]), style));
            }
            return self.page.add_element(slot.node, place, value, style);
        }
        Err(self.refuse_node(slot.node, &format!("{parent} is neither a mapping nor a list")))
    }

    pub(super) fn replace(&self, path: &Pointer, value: &Value) -> Result<Splice, SourceError> {
        let slot = self.slot(path)?;
        self.check_replaceable(slot.node)?;
        // What is replaced says nothing while the rest says something: a second run, which finds the
        // new value there, is to write the same.
        let beside = self.style_of(|node| !self.tree.contains(slot.node, node));
        Ok(self.page.replace(slot, value, beside.unwrap_or_else(|| self.style())))
    }

    pub(super) fn remove(&self, path: &Pointer) -> Result<Splice, SourceError> {
        let Some((parent, last)) = path.split_back() else {
            return Err(self.refuse(0, "an object can only be removed as a whole, not by a path"));
        };
        let slot = self.slot(parent)?;
        self.check_not_shared(slot.node)?;
        self.check_replaceable(self.slot(path)?.node)?;
        let key = last.decoded();
        if self.tree.node(slot.node).form.is_mapping() {
            self.check_has_plain_keys(slot.node)?;
            let place =
                self.tree.entries(slot.node).position(|(name, _)| self.node(name).says(&key));
            return self.page.remove_entry(slot.node, place.unwrap_or(0), slot);
        }
        let place = self.index(&key, slot.node)?;
        self.page.remove_element(slot.node, place, slot)
    }

    /// The place of the node that a path names. Every node on the way is the object's own.
    fn slot(&self, path: &Pointer) -> Result<Slot, SourceError> {
        let root = root(self.page.source, self.tree)?;
        let start = self.tree.outer_span(root).start;
        let mut slot = Slot {
            node: root,
            kind: SlotKind::Root,
            behind_indicator: start,
            column: self.page.column(start),
            in_flow: self.object.in_flow,
        };
        for token in path.tokens() {
            self.check_not_shared(slot.node)?;
            let key = token.decoded();
            let form = self.tree.node(slot.node).form;
            let in_flow = slot.in_flow || form.is_flow();
            slot = if form.is_mapping() {
                let Some((name, value)) = self.child(slot.node, &key) else {
                    return Err(self
                        .refuse_node(slot.node, &format!("{path} does not exist in this object")));
                };
                self.check_has_plain_keys(slot.node)?;
                Slot {
                    node: value,
                    kind: SlotKind::MappingValue,
                    behind_indicator: self.behind_colon(name, value)?,
                    column: if in_flow { 0 } else { self.page.mapping_column(slot.node)? },
                    in_flow,
                }
            } else if form.is_sequence() {
                let entries: Vec<NodeId> = self.tree.children(slot.node).collect();
                let place = self.index(&key, slot.node)?;
                let Some(entry) = entries.get(place) else {
                    return Err(self
                        .refuse_node(slot.node, &format!("{path} does not exist in this object")));
                };
                let sequence = self.tree.span(slot.node).start;
                Slot {
                    node: *entry,
                    kind: SlotKind::SequenceEntry,
                    behind_indicator: if in_flow {
                        self.tree.outer_span(*entry).start
                    } else {
                        self.page.dash(slot.node, &entries, place)? + 1
                    },
                    column: self.page.column(sequence),
                    in_flow,
                }
            } else {
                return Err(
                    self.refuse_node(slot.node, &format!("{path} does not exist in this object"))
                );
            };
        }
        Ok(slot)
    }

    fn behind_colon(&self, key: NodeId, value: NodeId) -> Result<usize, SourceError> {
        if self.tree.node(value).form == Form::Empty && self.tree.properties(value).is_none() {
            return Ok(self.tree.span(value).start);
        }
        let bytes = self.page.source.as_bytes();
        let at = skip_blanks(bytes, self.tree.span(key).end);
        if bytes.get(at) == Some(&b':') {
            return Ok(at + 1);
        }
        Err(self.refuse_node(key, "this key has no colon after it"))
    }

    fn child(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        self.tree.entries(mapping).find(|(name, _)| self.node(*name).says(key))
    }

    fn index(&self, key: &str, sequence: NodeId) -> Result<usize, SourceError> {
        key.parse()
            .map_err(|_| self.refuse_node(sequence, "a list entry is addressed by its index"))
    }

    /// An edit below a node that an alias repeats would change the alias's value too.
    fn check_not_shared(&self, node: NodeId) -> Result<(), SourceError> {
        if self.tree.node(node).form == Form::Alias {
            return Err(self.refuse_node(node, "this is an alias: an edit would change the anchored value elsewhere; write the value out"));
        }
        if self.is_shared(node) {
            return Err(self.refuse_node(
                node,
                "an alias repeats this value: an edit would change both; write the value out",
            ));
        }
        Ok(())
    }

    /// A node can go if no alias that stays repeats it or something in it.
    fn check_replaceable(&self, node: NodeId) -> Result<(), SourceError> {
        let lost = self.tree.aliases.iter().find(|link| {
            self.tree.contains(node, link.target) && !self.tree.contains(node, link.alias)
        });
        let mut below = (node.0..self.tree.node(node).next).map(NodeId);
        let lost = match lost {
            Some(link) => Some(link.target),
            None => below.find(|inner| self.is_shared_by_name(*inner)),
        };
        match lost {
            None => Ok(()),
            Some(inner) => Err(self.refuse_node(
                inner,
                "an alias repeats this value and would lose it; write the value out",
            )),
        }
    }

    fn is_shared(&self, node: NodeId) -> bool {
        self.tree.aliases.iter().any(|link| link.target == node) || self.is_shared_by_name(node)
    }

    fn is_shared_by_name(&self, node: NodeId) -> bool {
        let anchor = self.tree.properties(node).and_then(|properties| properties.anchor.clone());
        anchor.is_some_and(|anchor| {
            let name = &self.page.source[anchor.start as usize + 1..anchor.end as usize];
            self.object.shared_anchors.contains(name)
        })
    }

    fn check_has_plain_keys(&self, mapping: NodeId) -> Result<(), SourceError> {
        if self.tree.node(mapping).explicit_key {
            return Err(
                self.refuse_node(mapping, "this mapping has a `? key`; write it as `key: value`")
            );
        }
        Ok(())
    }

    /// As the object has it: sequences below a key further in than the key, or not.
    fn style(&self) -> Style {
        self.style_of(|_| true).unwrap_or(Style { indented_sequences: false, ..self.object.style })
    }

    /// The style of the first sequence below a key that counts.
    fn style_of(&self, counts: impl Fn(NodeId) -> bool) -> Option<Style> {
        let indented = (0..self.tree.nodes.len() as u32).map(NodeId).find_map(|mapping| {
            if self.tree.node(mapping).form != Form::BlockMapping {
                return None;
            }
            let (key, sequence) = self.tree.entries(mapping).find(|(_, value)| {
                self.tree.node(*value).form == Form::BlockSequence && counts(*value)
            })?;
            let key = self.page.column(self.tree.outer_span(key).start);
            Some(self.page.column(self.tree.span(sequence).start) > key)
        })?;
        Some(Style { indented_sequences: indented, ..self.object.style })
    }

    pub(super) fn check_keys(&self, value: &Value) -> Result<(), SourceError> {
        emit::check_keys(&[value]).map_err(|error| self.refuse(0, error))
    }

    fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { source: self.page.source, tree: self.tree, id }
    }

    fn refuse_node(&self, node: NodeId, message: &str) -> SourceError {
        self.refuse(self.tree.span(node).start, message)
    }

    pub(super) fn refuse(&self, offset: usize, message: &str) -> SourceError {
        SourceError {
            position: Position::of(self.page.source, offset),
            message: message.to_owned(),
        }
    }
}
