//! RFC 6902 operations on one object's text, each as a change of it.

use std::collections::HashSet;

use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::emit::{self, Style};
use super::page::{Page, Slot, SlotKind};
use super::splice::Splice;
use crate::error::{Position, SourceError};
use crate::flow::flow;
use crate::read::NodeRef;
use crate::syntax::lines::skip_blanks;
use crate::syntax::tree::{AliasLink, Form, Marks, NodeId};

/// Operations on their way to changes of an object's text.
pub(super) struct Edit<'t> {
    pub(super) page: Page<'t>,
    /// The object.
    pub(super) root: NodeId,
    pub(super) style: Style,
    /// What is around the object is in brackets, or is JSON.
    pub(super) in_flow: bool,
    /// Names of anchors that aliases outside the object use.
    pub(super) shared_anchors: &'t HashSet<String>,
}

impl Edit<'_> {
    /// # Errors
    /// An operation that cannot be applied without a guess: one that reaches through an alias, or changes
    /// what an alias elsewhere repeats.
    pub(super) fn splice(&self, operation: &PatchOperation) -> Result<Splice, SourceError> {
        match operation {
            PatchOperation::Add(add) => {
                self.check_keys(&add.value)?;
                self.add(&add.path, &add.value)
            }
            PatchOperation::Replace(replace) => {
                self.check_keys(&replace.value)?;
                self.replace(&replace.path, &replace.value)
            }
            PatchOperation::Remove(remove) => self.remove(&remove.path),
            PatchOperation::Move(moved) => self.rename(&moved.from, &moved.path),
            _ => Err(self.refuse_object(
                "unsupported operation; expected add, replace, remove, or move to another key",
            )),
        }
    }

    fn add(&self, path: &Pointer, value: &Value) -> Result<Splice, SourceError> {
        let Some((parent, last)) = path.split_back() else {
            return self.replace(path, value);
        };
        let slot = self.slot(parent)?;
        let key = last.decoded();
        let form = self.page.tree.node(slot.node).form;
        let style = self.own_style();
        self.check_not_shared(slot.node)?;
        if form.is_mapping() {
            if self.child(slot.node, &key).is_some() {
                return self.replace(path, value);
            }
            self.check_has_plain_keys(slot.node)?;
            emit::check_key(&key).map_err(|error| self.refuse_node(slot.node, error))?;
            let is_empty = self.page.tree.entries(slot.node).next().is_none();
            if is_empty && !slot.in_flow {
                let entry = std::iter::once((key.into_owned(), value.clone())).collect();
                return Ok(self.page.replace(slot, &Value::Object(entry), style));
            }
            return self.page.add_entry(slot.node, &key, value, style);
        }
        if form.is_sequence() {
            let length = self.page.tree.children(slot.node).count();
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

    fn replace(&self, path: &Pointer, value: &Value) -> Result<Splice, SourceError> {
        let slot = self.slot(path)?;
        self.check_replaceable(slot.node)?;
        // What is replaced says nothing while the rest says something: a second run, which finds the
        // new value there, is to write the same.
        let beside = self.style_of(|node| !self.page.tree.contains(slot.node, node));
        Ok(self.page.replace(slot, value, beside.unwrap_or_else(|| self.own_style())))
    }

    fn remove(&self, path: &Pointer) -> Result<Splice, SourceError> {
        let Some((parent, last)) = path.split_back() else {
            return Err(
                self.refuse_object("an object can only be removed as a whole, not by a path")
            );
        };
        let slot = self.slot(parent)?;
        self.check_not_shared(slot.node)?;
        self.check_replaceable(self.slot(path)?.node)?;
        let key = last.decoded();
        if self.page.tree.node(slot.node).form.is_mapping() {
            self.check_has_plain_keys(slot.node)?;
            let place =
                self.page.tree.entries(slot.node).position(|(name, _)| self.node(name).says(&key));
            return self.page.remove_entry(slot.node, place.unwrap_or(0), slot);
        }
        let place = self.index(&key, slot.node)?;
        self.page.remove_element(slot.node, place, slot)
    }

    /// Moves a value to another key of its mapping: the key alone is rewritten.
    fn rename(&self, from: &Pointer, to: &Pointer) -> Result<Splice, SourceError> {
        let (Some((parent, old)), Some((other, new))) = (from.split_back(), to.split_back()) else {
            return Err(self.refuse_object("an object cannot be moved"));
        };
        let slot = self.slot(parent)?;
        let is_mapping = self.page.tree.node(slot.node).form.is_mapping();
        if parent != other || !is_mapping {
            return Err(self.refuse_node(slot.node, "a move must stay within one mapping"));
        }
        self.check_not_shared(slot.node)?;
        self.check_has_plain_keys(slot.node)?;
        let (old, new) = (old.decoded(), new.decoded());
        let Some((key, _)) = self.child(slot.node, &old) else {
            return Err(
                self.refuse_node(slot.node, &format!("{from} does not exist in this object"))
            );
        };
        if self.child(slot.node, &new).is_some() {
            return Err(self.refuse_node(slot.node, &format!("{to} exists already")));
        }
        emit::check_key(&new).map_err(|error| self.refuse_node(key, error))?;
        self.check_replaceable(key)?;
        let new = Value::from(new.into_owned());
        let text = if slot.in_flow || self.page.tree.node(slot.node).form.is_flow() {
            flow(&new)
        } else {
            emit::inline(&new)
        };
        Ok(Splice { range: self.page.tree.span(key), text })
    }

    /// The place of the node that a path names. Every node on the way is the object's own.
    fn slot(&self, path: &Pointer) -> Result<Slot, SourceError> {
        let start = self.page.tree.outer_span(self.root).start;
        let mut slot = Slot {
            node: self.root,
            kind: SlotKind::Root,
            behind_indicator: start,
            // All of a text between brackets can be one line, which is looked through once at most.
            column: if self.in_flow { 0 } else { self.page.column(start) },
            in_flow: self.in_flow,
        };
        for token in path.tokens() {
            self.check_not_shared(slot.node)?;
            let key = token.decoded();
            let form = self.page.tree.node(slot.node).form;
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
                    behind_indicator: self.after_colon(name, value)?,
                    column: if in_flow { 0 } else { self.page.mapping_column(slot.node)? },
                    in_flow,
                }
            } else if form.is_sequence() {
                let entries: Vec<NodeId> = self.page.tree.children(slot.node).collect();
                let place = self.index(&key, slot.node)?;
                let Some(entry) = entries.get(place) else {
                    return Err(self
                        .refuse_node(slot.node, &format!("{path} does not exist in this object")));
                };
                let sequence = self.page.tree.span(slot.node).start;
                Slot {
                    node: *entry,
                    kind: SlotKind::SequenceEntry,
                    behind_indicator: if in_flow {
                        self.page.tree.outer_span(*entry).start
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

    fn after_colon(&self, key: NodeId, value: NodeId) -> Result<usize, SourceError> {
        if self.page.tree.node(value).form == Form::Empty
            && self.page.tree.properties(value).is_none()
        {
            return Ok(self.page.tree.span(value).start);
        }
        let bytes = self.page.source.as_bytes();
        let at = skip_blanks(bytes, self.page.tree.span(key).end);
        if bytes.get(at) == Some(&b':') {
            return Ok(at + 1);
        }
        Err(self.refuse_node(key, "this key has no colon after it"))
    }

    fn child(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        self.page.tree.entries(mapping).find(|(name, _)| self.node(*name).says(key))
    }

    fn index(&self, key: &str, sequence: NodeId) -> Result<usize, SourceError> {
        key.parse()
            .map_err(|_| self.refuse_node(sequence, "a list entry is addressed by its index"))
    }

    /// An edit below a node that an alias repeats would change the alias's value too.
    fn check_not_shared(&self, node: NodeId) -> Result<(), SourceError> {
        if self.page.tree.node(node).form == Form::Alias {
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
        let lost = self.links().iter().find(|link| {
            self.page.tree.contains(node, link.target) && !self.page.tree.contains(node, link.alias)
        });
        let mut below = (node.0..self.page.tree.node(node).next).map(NodeId);
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
        self.links().iter().any(|link| link.target == node) || self.is_shared_by_name(node)
    }

    /// The object's own aliases.
    fn links(&self) -> &[AliasLink] {
        self.page.tree.links(self.root)
    }

    fn is_shared_by_name(&self, node: NodeId) -> bool {
        let anchor =
            self.page.tree.properties(node).and_then(|properties| properties.anchor.clone());
        anchor.is_some_and(|anchor| {
            let name = &self.page.source[anchor.start as usize + 1..anchor.end as usize];
            self.shared_anchors.contains(name)
        })
    }

    fn check_has_plain_keys(&self, mapping: NodeId) -> Result<(), SourceError> {
        if self.page.tree.node(mapping).marks.has(Marks::EXPLICIT_KEY) {
            return Err(
                self.refuse_node(mapping, "this mapping has a `? key`; write it as `key: value`")
            );
        }
        Ok(())
    }

    /// As the object has it: sequences below a key further in than the key, or not.
    fn own_style(&self) -> Style {
        self.style_of(|_| true).unwrap_or(Style { indented_sequences: false, ..self.style })
    }

    /// The style of the first sequence below a key that counts.
    fn style_of(&self, counts: impl Fn(NodeId) -> bool) -> Option<Style> {
        let end = self.page.tree.node(self.root).next;
        let indented = (self.root.0..end).map(NodeId).find_map(|mapping| {
            if self.page.tree.node(mapping).form != Form::BlockMapping {
                return None;
            }
            let (key, sequence) = self.page.tree.entries(mapping).find(|(_, value)| {
                self.page.tree.node(*value).form == Form::BlockSequence && counts(*value)
            })?;
            let key = self.page.column(self.page.tree.outer_span(key).start);
            Some(self.page.column(self.page.tree.span(sequence).start) > key)
        })?;
        Some(Style { indented_sequences: indented, ..self.style })
    }

    fn check_keys(&self, value: &Value) -> Result<(), SourceError> {
        emit::check_keys(&[value]).map_err(|error| self.refuse_object(error)).map(drop)
    }

    fn node(&self, id: NodeId) -> NodeRef<'_> {
        self.page.node(id)
    }

    fn refuse_node(&self, node: NodeId, message: &str) -> SourceError {
        self.refuse(self.page.tree.span(node).start, message)
    }

    fn refuse_object(&self, message: &str) -> SourceError {
        self.refuse(self.page.from, message)
    }

    fn refuse(&self, offset: usize, message: &str) -> SourceError {
        SourceError {
            position: Position::of(self.page.source, offset),
            message: message.to_owned(),
        }
    }
}
