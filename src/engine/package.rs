//! A package: the objects that a host passes, as spans over the text that they came in.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use json_patch::Patch;
use serde_json::Value;

use super::emit::Style;
use super::error::SourceError;
use super::parse::parse;
use super::patch::{ObjectText, new_object};
use super::read::NodeRef;
use super::splice::{Page, Slot, SlotKind, Splice};
use super::tree::{Form, NodeId, Tree};
use crate::excerpt::Excerpt;

/// The place of an object in its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub usize);

/// One change of a package.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// RFC 6902 operations on one object, in order.
    Patch {
        /// The object.
        item: ItemId,
        /// `add`, `replace` and `remove` operations.
        operations: Patch,
    },
    /// A new object behind the last.
    AddItem(Value),
    /// An object leaves the package.
    RemoveItem(ItemId),
}

/// An edit that can't be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditError {
    /// The object, where the edit is of one.
    pub item: Option<ItemId>,
    /// Why, with line and column in the source.
    pub error: SourceError,
}

/// How a package is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// A ResourceList; `list` is its root.
    List { list: NodeId, items: Option<NodeId> },
    /// A stream of documents, each an object.
    Stream,
}

/// A parsed package.
#[derive(Debug, Clone)]
pub struct Package<'s> {
    source: &'s str,
    tree: Tree,
    frame: Frame,
    items: Vec<NodeId>,
}

/// A text in pieces: unchanged ranges of the source, and what is new between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spliced<'s> {
    source: &'s str,
    splices: Vec<Splice>,
}

impl Spliced<'_> {
    /// The pieces in order; written one behind the other they are the text.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.splices.iter().map(|splice| splice.range.end));
        let ends = self.splices.iter().map(|splice| splice.range.start).chain([self.source.len()]);
        let texts = self.splices.iter().map(|splice| splice.text.as_str()).chain([""]);
        starts
            .zip(ends)
            .zip(texts)
            .flat_map(|((start, end), text)| [&self.source[start..end], text])
    }
}

impl std::fmt::Display for Spliced<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pieces().try_for_each(|piece| out.write_str(piece))
    }
}

impl<'s> Package<'s> {
    /// Reads a ResourceList.
    ///
    /// # Errors
    /// Text that can't be read, and what is no ResourceList: another kind, several documents,
    /// `items` that are no list, an item that is no object.
    pub fn resource_list(source: &'s str) -> Result<Self, SourceError> {
        let tree = parse(source)?;
        let [list] = tree.roots[..] else {
            let offset = tree.roots.get(1).map_or(0, |second| tree.span(*second).start);
            return Err(SourceError::at(
                source,
                offset,
                match tree.roots.len() {
                    0 => "the input is empty; expected a ResourceList",
                    _ => "expected one ResourceList, found a second document",
                },
            ));
        };
        let root = NodeRef { source, tree: &tree, id: list };
        if !root.is_mapping() {
            return Err(SourceError::at(
                source,
                tree.span(list).start,
                "expected a ResourceList, found no mapping",
            ));
        }
        let text = |key| root.get(key).and_then(NodeRef::as_str);
        let found = |text: Option<Cow<'_, str>>| {
            text.map_or("none".to_owned(), |text| Excerpt::new(&text).to_string())
        };
        let (kind, api_version) = (text("kind"), text("apiVersion"));
        if kind.as_deref() != Some("ResourceList") {
            return Err(SourceError::at(
                source,
                tree.span(list).start,
                format!("expected kind: ResourceList, found {}", found(kind)),
            ));
        }
        let known =
            ["v1", "v1beta1", "v1alpha1"].map(|version| format!("config.kubernetes.io/{version}"));
        if !known.iter().any(|known| Some(known.as_str()) == api_version.as_deref()) {
            return Err(SourceError::at(
                source,
                tree.span(list).start,
                format!(
                    "expected apiVersion: {}, found {}",
                    known.join(" or "),
                    found(api_version)
                ),
            ));
        }
        let items = root.get("items").filter(|items| !items.is_null());
        let nodes: Vec<NodeId> = match items {
            None => Vec::new(),
            Some(items) if tree.node(items.id).form.is_sequence() => {
                tree.children(items.id).collect()
            }
            Some(items) => {
                return Err(SourceError::at(
                    source,
                    tree.span(items.id).start,
                    "items must be a list",
                ));
            }
        };
        let items = items.map(|items| items.id);
        Ok(Self { source, tree, frame: Frame::List { list, items }, items: nodes })
    }

    /// Reads a stream of documents, each an object; empty documents are passed over.
    ///
    /// # Errors
    /// Text that can't be read.
    pub fn stream(source: &'s str) -> Result<Self, SourceError> {
        let tree = parse(source)?;
        let items = tree
            .roots
            .iter()
            .copied()
            .filter(|root| tree.node(*root).form != Form::Empty)
            .collect();
        Ok(Self { source, tree, frame: Frame::Stream, items })
    }

    /// The objects in order.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, NodeRef<'_>)> {
        self.items.iter().enumerate().map(|(place, id)| (ItemId(place), self.node(*id)))
    }

    /// One object.
    #[must_use]
    pub fn item(&self, item: ItemId) -> Option<NodeRef<'_>> {
        self.items.get(item.0).map(|id| self.node(*id))
    }

    /// A field of the ResourceList itself: `functionConfig`, `results`.
    #[must_use]
    pub fn list_field(&self, key: &str) -> Option<NodeRef<'_>> {
        match self.frame {
            Frame::List { list, .. } => self.node(list).get(key).filter(|field| !field.is_null()),
            Frame::Stream => None,
        }
    }

    fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { source: self.source, tree: &self.tree, id }
    }

    /// The package's text with every edit made, and `results` behind those that are there.
    ///
    /// Bytes that no edit names are those of the source. Edits of one object are made in order; an
    /// object that is removed takes the comment lines right above it along, because they would
    /// else speak of the next object.
    ///
    /// # Errors
    /// An edit that does not fit its object, or that can't be made without changing something else.
    pub fn apply(&self, edits: &[Edit], results: &[Value]) -> Result<Spliced<'s>, EditError> {
        let mut patches: Vec<Option<Patch>> = vec![None; self.items.len()];
        let mut removed = vec![false; self.items.len()];
        let mut added = Vec::new();
        for edit in edits {
            match edit {
                Edit::Patch { item, operations } => {
                    let patch = patches.get_mut(item.0).ok_or_else(|| self.no_item(*item))?;
                    patch.get_or_insert_default().0.extend(operations.0.iter().cloned());
                }
                Edit::RemoveItem(item) => {
                    *removed.get_mut(item.0).ok_or_else(|| self.no_item(*item))? = true;
                }
                Edit::AddItem(value) => added.push(value),
            }
        }
        let mut splices = Vec::new();
        for (place, patch) in patches.into_iter().enumerate() {
            let Some(patch) = patch.filter(|patch| !removed[place] && !patch.0.is_empty()) else {
                continue;
            };
            let item = ItemId(place);
            let splice = self.patched(item, &patch);
            splices.push(splice.map_err(|error| EditError { item: Some(item), error })?);
        }
        let whole = |error| EditError { item: None, error };
        match self.frame {
            Frame::List { list, items } => {
                splices.extend(self.changed_items(list, items, &removed, &added).map_err(whole)?);
                if let Some(results) = self.with_results(list, results).map_err(whole)? {
                    self.push_behind(&mut splices, results);
                }
            }
            Frame::Stream => self.changed_documents(&removed, &added, &mut splices),
        }
        // Two insertions at one place come in the order in which they were made.
        splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        // Two objects that go may both claim the line break between them.
        let mut end = 0;
        for splice in &mut splices {
            splice.range.start = splice.range.start.max(end).min(splice.range.end);
            end = splice.range.end;
        }
        Ok(Spliced { source: self.source, splices })
    }

    fn no_item(&self, item: ItemId) -> EditError {
        let message = format!("the package has {} objects, not {}", self.items.len(), item.0 + 1);
        EditError { item: None, error: SourceError::at(self.source, 0, message) }
    }

    fn page(&self) -> Page<'_> {
        Page { source: self.source, tree: &self.tree }
    }

    fn style(&self) -> Style {
        let first = self.source.find('\n').is_some_and(|at| self.source[..at].ends_with('\r'));
        let line_break = if first { "\r\n" } else { "\n" };
        Style { line_break, indented_sequences: false, literals: true }
    }

    fn patched(&self, item: ItemId, patch: &Patch) -> Result<Splice, SourceError> {
        let id = self.items[item.0];
        let span = self.tree.outer_span(id);
        if self.tree.node(id).form == Form::Alias {
            return Err(SourceError::at(
                self.source,
                span.start,
                "this object is an alias; write it out",
            ));
        }
        let in_flow = self.is_in_flow();
        // The comment behind an object's last line is the object's, and so is the line break, with
        // which a block scalar ends.
        let line_end = self.page().line_end(span.end);
        let line_end = self.page().behind_line_break(line_end).unwrap_or(line_end);
        // What stands on the line of a `---` is read with it, because it can't be block style.
        let start = match self.page().line_start(span.start) {
            line if self.source[line..span.start].contains("---") => line,
            _ => span.start,
        };
        let range = if in_flow { span.clone() } else { start..line_end };
        let column = if in_flow { 0 } else { self.page().column(start) };
        let object = ObjectText::new(
            &self.source[range.clone()],
            column,
            self.page().as_around(span.end, column, self.style()),
            self.shared_anchors(id),
        );
        let text =
            object.patched(patch).map_err(|error| self.placed(error, range.start, column))?;
        Ok(Splice { range, text })
    }

    /// An error in an object's own text, at its place in the source.
    fn placed(&self, error: SourceError, start: usize, column: usize) -> SourceError {
        let start = super::error::Position::of(self.source, start);
        let mut position = error.position;
        if position.line == 1 {
            position.column = start.column + position.column.saturating_sub(column + 1);
        }
        position.line += start.line - 1;
        SourceError { position, ..error }
    }

    fn is_in_flow(&self) -> bool {
        match self.frame {
            Frame::List { list, items } => {
                let is_flow = |id| self.tree.node(id).form.is_flow();
                is_flow(list) || items.is_some_and(is_flow)
            }
            Frame::Stream => false,
        }
    }

    /// The names of the object's anchors that aliases outside it use.
    fn shared_anchors(&self, item: NodeId) -> Vec<String> {
        let outside = self.tree.aliases.iter().filter(|link| {
            self.tree.contains(item, link.target) && !self.tree.contains(item, link.alias)
        });
        let name = |target| {
            let anchor = self.tree.properties(target)?.anchor.as_ref()?;
            Some(self.source[anchor.start as usize + 1..anchor.end as usize].to_owned())
        };
        let names: HashSet<String> = outside.filter_map(|link| name(link.target)).collect();
        names.into_iter().collect()
    }

    fn changed_items(
        &self,
        list: NodeId,
        items: Option<NodeId>,
        removed: &[bool],
        added: &[&Value],
    ) -> Result<Vec<Splice>, SourceError> {
        let page = self.page();
        let style = self.style();
        let stays = removed.iter().filter(|gone| !**gone).count();
        if stays == removed.len() && added.is_empty() && items.is_some() {
            return Ok(Vec::new());
        }
        let Some(sequence) = items.filter(|_| stays > 0) else {
            let value = Value::Array(added.iter().copied().cloned().collect());
            return match self.list_slot(list, "items")? {
                Some(slot) => Ok(vec![page.replace(slot, &value, style)]),
                None => Ok(vec![page.add_entry(list, "items", &value, style)?]),
            };
        };
        let mut splices = if self.tree.node(sequence).form.is_flow() {
            self.without_flow_items(sequence, removed)
        } else {
            self.without_block_items(sequence, removed)?
        };
        // All new objects go behind the last one, in their order.
        let mut text = String::new();
        let mut at = 0;
        for value in added {
            let splice = page.add_element(sequence, None, value, style)?;
            at = splice.range.start;
            text.push_str(&splice.text);
        }
        if !text.is_empty() {
            self.push_behind(&mut splices, Splice { range: at..at, text });
        }
        Ok(splices)
    }

    /// Adds an insertion of lines behind a node. Where the node is in an object that is removed, the
    /// lines take that object's place.
    fn push_behind(&self, splices: &mut Vec<Splice>, new: Splice) {
        let at = new.range.start;
        let taken = splices.iter_mut().find(|old| old.range.start <= at && at < old.range.end);
        let Some(taken) = taken else {
            splices.push(new);
            return;
        };
        let whole_lines = self.source[taken.range.clone()].ends_with('\n');
        let line_break = self.style().line_break;
        match new.text.strip_prefix(line_break) {
            Some(lines) if whole_lines => {
                taken.text.push_str(lines);
                taken.text.push_str(line_break);
            }
            _ => taken.text.push_str(&new.text),
        }
    }

    fn without_block_items(
        &self,
        sequence: NodeId,
        removed: &[bool],
    ) -> Result<Vec<Splice>, SourceError> {
        let page = self.page();
        let entries: Vec<NodeId> = self.tree.children(sequence).collect();
        let gone = (0..entries.len()).filter(|place| removed[*place]);
        gone.map(|place| {
            let mut splice = page.remove_block_element(sequence, &entries, place)?;
            splice.range.start = self.comment_above(splice.range.start);
            Ok(splice)
        })
        .collect()
    }

    /// Each entry goes with the comma before it, or behind it where none before it stays.
    fn without_flow_items(&self, sequence: NodeId, removed: &[bool]) -> Vec<Splice> {
        let entries: Vec<Range<usize>> =
            self.tree.children(sequence).map(|entry| self.tree.outer_span(entry)).collect();
        let first_kept = removed.iter().position(|gone| !gone).unwrap_or(removed.len());
        let gone = (0..entries.len()).filter(|place| removed[*place]);
        gone.map(|place| Splice {
            range: if place < first_kept {
                entries[place].start..entries[place + 1].start
            } else {
                entries[place - 1].end..entries[place].end
            },
            text: String::new(),
        })
        .collect()
    }

    /// The start of the comment lines right above a line.
    fn comment_above(&self, line_start: usize) -> usize {
        let mut start = line_start;
        while start > 0 {
            let above = self.page().line_start(start - 1);
            if !self.source[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    fn list_slot(&self, list: NodeId, key: &str) -> Result<Option<Slot>, SourceError> {
        let page = self.page();
        let found = self.tree.entries(list).find(|(name, _)| self.node(*name).says(key));
        let Some((name, value)) = found else {
            return Ok(None);
        };
        let in_flow = self.tree.node(list).form.is_flow();
        let end = self.tree.span(name).end;
        let colon = super::parse::skip_blanks(self.source.as_bytes(), end);
        if self.source.as_bytes().get(colon) != Some(&b':') || self.tree.node(list).explicit_key {
            return Err(SourceError::at(self.source, end, format!("write {key} as `{key}: …`")));
        }
        let column = if in_flow { 0 } else { page.mapping_column(list)? };
        Ok(Some(Slot {
            node: value,
            kind: SlotKind::MappingValue,
            behind_indicator: colon + 1,
            column,
            in_flow,
        }))
    }

    /// Results go behind those of functions before this one; one that is there already, from an
    /// earlier run, is not repeated.
    fn with_results(&self, list: NodeId, results: &[Value]) -> Result<Option<Splice>, SourceError> {
        let page = self.page();
        let style = self.style();
        let old = self.list_field("results");
        let known: Vec<Value> = old
            .map(|old| old.value())
            .transpose()
            .map_err(|error| SourceError {
                position: error.position,
                message: format!("results: {}", error.message),
            })?
            .and_then(|value| value.as_array().cloned())
            .unwrap_or_default();
        let new: Vec<Value> =
            results.iter().filter(|result| !known.contains(result)).cloned().collect();
        if new.is_empty() {
            return Ok(None);
        }
        if known.is_empty() {
            let value = Value::Array(new);
            return Ok(Some(match self.list_slot(list, "results")? {
                Some(slot) => page.replace(slot, &value, style),
                None => page.add_entry(list, "results", &value, style)?,
            }));
        }
        let Some(sequence) = old.map(|old| old.id) else {
            return Ok(None);
        };
        let mut text = String::new();
        let mut at = 0;
        for result in &new {
            let splice = page.add_element(sequence, None, result, style)?;
            at = splice.range.start;
            text.push_str(&splice.text);
        }
        Ok(Some(Splice { range: at..at, text }))
    }

    fn changed_documents(&self, removed: &[bool], added: &[&Value], splices: &mut Vec<Splice>) {
        let style = self.style();
        for place in (0..removed.len()).filter(|place| removed[*place]) {
            splices.push(Splice { range: self.document(place), text: String::new() });
        }
        if added.is_empty() {
            return;
        }
        let line = style.line_break;
        let mut text = String::new();
        let mut needs_marker = removed.iter().any(|gone| !gone);
        if needs_marker && !self.source.ends_with('\n') {
            text.push_str(line);
        }
        for value in added {
            if needs_marker {
                text.push_str("---");
                text.push_str(line);
            }
            needs_marker = true;
            text.push_str(&new_object(value, 0, style));
            text.push_str(line);
        }
        let end = self.source.len();
        splices.push(Splice { range: end..end, text });
    }

    /// A document's lines, from its `---` (or its own first line) to the line before the next one's.
    fn document(&self, place: usize) -> Range<usize> {
        let page = self.page();
        let begin = |id: NodeId| {
            let mut start = page.line_start(self.tree.outer_span(id).start);
            while start > 0 {
                let above = page.line_start(start - 1);
                let line = self.source[above..start].trim_end();
                let leads = line.is_empty() || line.trim_start().starts_with(['#', '%']);
                let is_marker = line == "---" || line.starts_with("--- ");
                if !leads && !is_marker {
                    break;
                }
                start = above;
                if is_marker {
                    break;
                }
            }
            start
        };
        let start = begin(self.items[place]);
        let end = self.items.get(place + 1).map_or(self.source.len(), |next| begin(*next));
        start..end
    }
}
