//! A package: the objects that a host passes, as spans over the text that they came in.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use json_patch::{Patch, PatchOperation};
use serde_json::Value;

use super::error::{Position, SourceError};
use super::read::NodeRef;
use crate::edit::emit::Style;
use crate::edit::list::{Contents, Entry, List};
use crate::edit::members::Membership;
use crate::edit::patch::ObjectText;
use crate::edit::splice::{Page, Splice};
use crate::syntax::json;
use crate::syntax::parse::parse;
use crate::syntax::tree::{Form, NodeId, Tree};
use crate::text::excerpt::Excerpt;

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
    Stream {
        /// JSON objects, with nothing between them.
        is_json: bool,
    },
}

/// A parsed package.
#[derive(Debug, Clone)]
pub struct Package<'s> {
    pub(super) source: &'s str,
    pub(super) tree: Tree,
    frame: Frame,
    pub(super) items: Vec<NodeId>,
    /// The lists that hold objects: the ResourceList itself, and each `…List` among its items or the
    /// documents.
    pub(super) lists: Vec<List>,
    /// The documents of a stream that are not empty.
    pub(super) documents: Vec<Entry>,
    /// As the first line ends.
    line_break: &'static str,
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
        if let Some(items) = items.filter(|items| !tree.node(items.id).form.is_sequence()) {
            let start = tree.span(items.id).start;
            return Err(SourceError::at(source, start, "items must be a list"));
        }
        let items = items.map(|items| items.id);
        let mut found = Contents::default();
        if let Some(items) = items {
            found.list(source, &tree, list, items);
        }
        let Contents { items: nodes, lists } = found;
        let frame = Frame::List { list, items };
        let (items, documents) = (nodes, Vec::new());
        let line_break = first_line_break(source);
        Ok(Self { source, tree, frame, items, lists, documents, line_break })
    }

    /// Reads a stream of documents, each an object; empty documents are skipped.
    ///
    /// A `kind: List`, and any other `…List` without a name of its own, is the objects of its `items`, here
    /// and in a ResourceList: `kubectl get -o yaml` prints such lists.
    ///
    /// # Errors
    /// Text that can't be read.
    pub fn stream(source: &'s str) -> Result<Self, SourceError> {
        let tree = parse(source)?;
        let mut found = Contents::default();
        let roots = tree
            .roots
            .iter()
            .copied()
            .filter(|root| tree.node(*root).form != Form::Empty || tree.has_tag(*root));
        let documents = roots.map(|root| found.entry(source, &tree, root)).collect();
        let Contents { items, lists } = found;
        let is_json = json::is_stream_of(source, &tree);
        let line_break = first_line_break(source);
        let frame = Frame::Stream { is_json };
        Ok(Self { source, tree, frame, items, lists, documents, line_break })
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
            Frame::Stream { .. } => None,
        }
    }

    pub(super) fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { source: self.source, tree: &self.tree, id }
    }

    /// The package's text with every edit made, and `results` behind those that are there.
    ///
    /// Bytes that no edit names are those of the source. Edits of one object are made in order; an
    /// object that is removed takes the comment lines right above it along, and those below it that stand
    /// further in than its dash, because they would else speak of the next object.
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
        let mut shared = self.shared_anchors();
        for (place, patch) in patches.into_iter().enumerate() {
            let Some(patch) = patch.filter(|patch| !removed[place] && !patch.0.is_empty()) else {
                continue;
            };
            let item = ItemId(place);
            if let Some(error) = self.refused_root(item, &patch) {
                return Err(EditError { item: Some(item), error });
            }
            let splice = self.patched(item, &patch, shared.remove(&item).unwrap_or_default());
            splices.push(splice.map_err(|error| EditError { item: Some(item), error })?);
        }
        let whole = |error| EditError { item: None, error };
        let change = Membership { removed, added };
        self.check_no_alias_is_lost(&change)?;
        let Membership { removed, added } = &change;
        // What is new goes into the ResourceList, or into the list that is the only document.
        let outer = match (self.frame, &self.documents[..], &self.lists[..]) {
            (Frame::Stream { .. }, [Entry { item: None, .. }], [.., last]) => Some(last.list),
            (Frame::Stream { .. }, ..) => None,
            (Frame::List { list, .. }, ..) => Some(list),
        };
        for list in &self.lists {
            let is_outer = outer == Some(list.list);
            let added = if is_outer { added.clone() } else { Vec::new() };
            let inside = Membership { removed: list.removed(removed), added };
            let items = Some(list.items);
            splices.extend(self.changed_items(list.list, items, &inside).map_err(whole)?);
        }
        let documents = |added| Membership {
            removed: self.documents.iter().map(|document| document.leaves(removed)).collect(),
            added,
        };
        match self.frame {
            Frame::List { list, items } => {
                if items.is_none() {
                    splices.extend(self.changed_items(list, None, &change).map_err(whole)?);
                }
                splices.extend(self.with_results(list, results).map_err(whole)?);
            }
            Frame::Stream { .. } if outer.is_some() => {}
            Frame::Stream { is_json: true } => {
                splices.extend(self.changed_json(&documents(added.clone())));
            }
            Frame::Stream { .. } => {
                let change = documents(added.clone());
                splices.extend(self.changed_documents(&change).map_err(whole)?);
            }
        }
        self.settle(&mut splices);
        let spliced = Spliced { source: self.source, splices };
        self.check_json(&spliced)?;
        Ok(spliced)
    }

    /// JSON objects behind each other are documents only because each begins with `{`: Go's readers
    /// take no other value there.
    fn refused_root(&self, item: ItemId, patch: &Patch) -> Option<SourceError> {
        let is_json = matches!(self.frame, Frame::Stream { is_json: true });
        let replaced = patch.0.iter().any(|operation| match operation {
            PatchOperation::Add(add) => add.path.is_root() && !add.value.is_object(),
            PatchOperation::Replace(new) => new.path.is_root() && !new.value.is_object(),
            _ => false,
        });
        if !is_json || !replaced {
            return None;
        }
        let message = "an object of a JSON stream can only be replaced by an object".to_owned();
        Some(SourceError { position: self.item(item)?.position(), message })
    }

    /// Puts the changes in order, each behind the one before.
    fn settle(&self, splices: &mut [Splice]) {
        // Two insertions at one place come in the order in which they were made.
        splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        if matches!(self.frame, Frame::List { .. }) {
            self.keep_line_break(splices);
        }
        // Where the last objects go and no line break ends the text, the last takes the one before it:
        // each of them takes the one before, however that is written. A changed object keeps its own, with
        // which a block scalar may end.
        for place in (1..splices.len()).rev() {
            let end = splices[place - 1].range.end;
            let Some(claimed) = end.checked_sub(splices[place].range.start) else { continue };
            let is_new = splices[place].range.is_empty();
            splices[place].range = end..splices[place].range.end.max(end);
            // What comes behind an object that goes comes behind the comments that go with it.
            let before = &mut splices[place - 1];
            if claimed > 0 && !is_new && before.text.is_empty() {
                before.range.start = self.page().before_line_break(before.range.start);
            }
        }
    }

    /// Where new lines come behind a last object that goes, the line before it keeps its own line break,
    /// and they begin with none.
    fn keep_line_break(&self, splices: &mut [Splice]) {
        let end = self.source.len();
        let new = splices.iter().position(|splice| splice.range == (end..end));
        let Some((gone, new)) = new.and_then(|new| Some((new.checked_sub(1)?, new))) else {
            return;
        };
        let Splice { range, text } = &splices[gone];
        let begins_line = self.source[..range.start].ends_with('\n').then_some(range.start);
        let behind = self.page().behind_line_break(range.start).or(begins_line);
        let goes = text.is_empty() && range.end == end;
        let Some(behind) = behind.filter(|_| goes) else { return };
        let text = &mut splices[new].text;
        if let Some(lines) = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')) {
            *text = lines.to_owned();
            splices[gone].range.start = behind;
        }
    }

    /// A first document that becomes `{}` makes the stream JSON to kubectl.
    fn check_json(&self, spliced: &Spliced<'_>) -> Result<(), EditError> {
        let begins = spliced.pieces().find_map(|piece| piece.trim_start().chars().next());
        if matches!(self.frame, Frame::List { .. })
            || begins != Some('{')
            || spliced.splices.is_empty()
        {
            return Ok(());
        }
        let text = spliced.to_string();
        match parse(&text) {
            Ok(_) => Ok(()),
            Err(error) => Err(EditError {
                item: None,
                error: SourceError { position: Position::of(self.source, 0), ..error },
            }),
        }
    }

    fn no_item(&self, item: ItemId) -> EditError {
        let message = format!("the package has {} objects, not {}", self.items.len(), item.0 + 1);
        EditError { item: None, error: SourceError::at(self.source, 0, message) }
    }

    pub(super) fn page(&self) -> Page<'_> {
        Page { source: self.source, tree: &self.tree }
    }

    pub(super) fn style(&self) -> Style {
        Style { line_break: self.line_break, indented_sequences: false, literals: true }
    }

    fn patched(
        &self,
        item: ItemId,
        patch: &Patch,
        shared: HashSet<String>,
    ) -> Result<Splice, SourceError> {
        let id = self.items[item.0];
        let span = self.tree.outer_span(id);
        if self.tree.node(id).form == Form::Alias {
            return Err(SourceError::at(
                self.source,
                span.start,
                "this object is an alias; write it out",
            ));
        }
        let in_flow = self.is_in_flow(id);
        if in_flow {
            // What stands on the rest of its line, which may be all of the text, is none of its own.
            let style = Style { literals: false, ..self.style() };
            let object = ObjectText::new(&self.source[span.clone()], "", "", style, true, shared);
            let patched = object.patched(patch);
            let (text, _) = patched.map_err(|error| self.placed(error, span.start, 0))?;
            return Ok(Splice { range: span, text });
        }
        // The comment behind an object's last line is the object's, and so is the line break, with
        // which a block scalar ends.
        let line_end = self.page().line_end(span.end);
        let line_end = self.page().behind_line_break(line_end).unwrap_or(line_end);
        // An object's first entry has its whole line, where it does not stand behind a dash.
        let line = self.page().line_start(span.start);
        let lead = &self.source[line..span.start];
        let has_its_line = lead.bytes().all(|byte| byte == b' ');
        let range = if has_its_line { line } else { span.start }..line_end;
        let lead = if has_its_line { "" } else { lead.trim_start_matches('\u{feff}') };
        let column = lead.chars().count();
        let object = ObjectText::new(
            &self.source[range.clone()],
            lead,
            self.below(range.end),
            self.page().as_around(span.end, column, self.style()),
            false,
            shared,
        );
        let (text, below) =
            object.patched(patch).map_err(|error| self.placed(error, range.start, column))?;
        Ok(Splice { range: range.start..range.end + below, text })
    }

    /// The comments and empty lines from a line on. They are nobody's, unless an edit leaves a block
    /// scalar above them.
    fn below(&self, start: usize) -> &str {
        let is_free = |line: &&str| matches!(line.trim_ascii().as_bytes(), [] | [b'#', ..]);
        let lines = self.source[start..].split_inclusive('\n').take_while(is_free);
        &self.source[start..start + lines.map(str::len).sum::<usize>()]
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

    /// Whether an object stands in brackets, or is one of JSON's.
    fn is_in_flow(&self, object: NodeId) -> bool {
        let is_flow = |id| self.tree.node(id).form.is_flow();
        self.frame == Frame::Stream { is_json: true }
            || self.lists.iter().any(|list| {
                let holds = self.tree.contains(list.list, object);
                holds && (is_flow(list.list) || is_flow(list.items))
            })
    }

    /// The names of each object's anchors that aliases outside it use.
    fn shared_anchors(&self) -> HashMap<ItemId, HashSet<String>> {
        let mut shared: HashMap<ItemId, HashSet<String>> = HashMap::new();
        for link in &self.tree.aliases {
            let Some(item) = self.item_around(link.target) else { continue };
            let anchor = self.tree.properties(link.target).and_then(|own| own.anchor.as_ref());
            if let Some(anchor) = anchor.filter(|_| self.item_around(link.alias) != Some(item)) {
                let name = &self.source[anchor.start as usize + 1..anchor.end as usize];
                shared.entry(item).or_default().insert(name.to_owned());
            }
        }
        shared
    }

    /// The object that a node is, or lies in.
    pub(super) fn item_around(&self, node: NodeId) -> Option<ItemId> {
        let place = self.items.partition_point(|item| *item <= node).checked_sub(1)?;
        self.tree.contains(self.items[place], node).then_some(ItemId(place))
    }
}

fn first_line_break(source: &str) -> &'static str {
    let first = source.find('\n').is_some_and(|at| source[..at].ends_with('\r'));
    if first { "\r\n" } else { "\n" }
}
