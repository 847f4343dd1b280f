//! A package: the objects that a host passes, as spans over the text that they came in.

use json_patch::{Patch, PatchOperation};
use serde_json::Value;

use super::error::{Position, SourceError};
use super::read::NodeRef;
use crate::edit::aliases;
use crate::edit::emit::Style;
use crate::edit::list::ListFrame;
use crate::edit::new_object::NewObject;
use crate::edit::object::Object;
use crate::edit::page::Page;
use crate::edit::proof::Wanted;
use crate::edit::ranges::{Ranges, tile};
use crate::edit::rewrite::{Rewrite, Spliced};
use crate::edit::stream::StreamFrame;
use crate::edit::whole::WholeProof;
use crate::read::contents::{Contents, Entry, Holds, List};
use crate::read::resource_list::resource_list;
use crate::syntax::json;
use crate::syntax::lines;
use crate::syntax::parse::parse;
use crate::syntax::tree::{NodeId, Tree};

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
    /// A new object after the last.
    AddItem(NewObject),
    /// An object leaves the package.
    RemoveItem(ItemId),
}

impl Edit {
    /// A new object after the last.
    #[must_use]
    pub fn add_item(object: impl Into<NewObject>) -> Self {
        Self::AddItem(object.into())
    }
}

/// An edit that cannot be applied.
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
    /// A ResourceList; it is the last of the lists.
    List,
    /// A stream of documents, each an object.
    Stream {
        /// JSON objects, with nothing between them.
        is_json: bool,
    },
}

/// A parsed package: the objects of a ResourceList or of a stream of manifests, over their text.
///
/// ```
/// use json_patch::Patch;
/// use krm_package::{Edit, Package, operation};
///
/// let source = "kind: Service # ours\nmetadata: {name: cart}\n---\nkind: Secret\nmetadata: {name: old}\n";
/// let package = Package::stream(source)?;
/// let mut edits = Vec::new();
/// for (item, object) in package.items() {
///     let kind = object.get("kind").and_then(|kind| kind.as_str());
///     edits.push(if kind.as_deref() == Some("Secret") {
///         Edit::RemoveItem(item)
///     } else {
///         let operations = Patch(vec![operation::replace(&["metadata", "name"], "basket")]);
///         Edit::Patch { item, operations }
///     });
/// }
/// let edited = package.apply(&edits, &[]).unwrap();
/// assert_eq!(edited.to_string(), "kind: Service # ours\nmetadata: {name: \"basket\"}\n");
/// # Ok::<(), krm_package::SourceError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Package<'s> {
    pub(super) source: &'s str,
    pub(super) tree: Tree,
    frame: Frame,
    pub(super) contents: Contents,
    /// Of each object.
    ranges: Vec<Ranges>,
    /// As the first line of the list, or of the first document, ends.
    line_break: &'static str,
}

impl<'s> Package<'s> {
    /// Reads a ResourceList.
    ///
    /// # Errors
    /// Text that cannot be read, and what is not a ResourceList: another kind, several documents,
    /// `items` that are not a list, an item that is not an object.
    pub fn resource_list(source: &'s str) -> Result<Self, SourceError> {
        let tree = parse(source)?;
        let (list, items) = resource_list(source, &tree)?;
        Ok(Self::of_list(source, tree, list, items))
    }

    /// Reads a text in either form: what is not a ResourceList is a stream.
    ///
    /// # Errors
    /// Text that cannot be read.
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let list = "kind: ResourceList\napiVersion: config.kubernetes.io/v1\nitems:\n- kind: Service\n";
    /// for text in [list, "kind: Service\n"] {
    ///     let package = Package::manifests(text)?;
    ///     let (_, object) = package.items().next().expect("one object");
    ///     assert_eq!(object.get("kind").and_then(|kind| kind.as_str()).as_deref(), Some("Service"));
    /// }
    /// # Ok::<(), krm_package::SourceError>(())
    /// ```
    pub fn manifests(source: &'s str) -> Result<Self, SourceError> {
        let tree = parse(source)?;
        Ok(match resource_list(source, &tree) {
            Ok((list, items)) => Self::of_list(source, tree, list, items),
            Err(_) => Self::of_stream(source, tree),
        })
    }

    fn of_list(source: &'s str, tree: Tree, list: NodeId, items: Option<NodeId>) -> Self {
        let contents = Contents::of_list(source, &tree, list, items);
        Self::new(source, tree, Frame::List, contents)
    }

    fn of_stream(source: &'s str, tree: Tree) -> Self {
        let contents = Contents::of_stream(source, &tree);
        let is_json = json::is_stream_of(source, &tree);
        Self::new(source, tree, Frame::Stream { is_json }, contents)
    }

    /// Reads a stream of documents, each an object; empty documents are skipped.
    ///
    /// A `kind: List`, and any other `…List` without a name of its own, is the objects of its `items`, here
    /// and in a ResourceList: `kubectl get -o yaml` prints such lists.
    ///
    /// # Errors
    /// Text that cannot be read.
    pub fn stream(source: &'s str) -> Result<Self, SourceError> {
        Ok(Self::of_stream(source, parse(source)?))
    }

    fn new(source: &'s str, tree: Tree, frame: Frame, contents: Contents) -> Self {
        let is_json = frame == Frame::Stream { is_json: true };
        let ranges = tile(Page::new(source, &tree), &contents, is_json);
        let first_line = tree.roots.first().map_or(0, |root| tree.span(*root).start);
        let line_end = lines::line_end(source, first_line);
        let line_break = if source[line_end..].starts_with('\r') { "\r\n" } else { "\n" };
        Self { source, tree, frame, contents, ranges, line_break }
    }

    /// The objects in order.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, NodeRef<'_>)> {
        self.contents.items.iter().enumerate().map(|(place, id)| (ItemId(place), self.node(*id)))
    }

    /// One object.
    #[must_use]
    pub fn item(&self, item: ItemId) -> Option<NodeRef<'_>> {
        self.contents.items.get(item.0).map(|id| self.node(*id))
    }

    /// A field of the ResourceList itself: `functionConfig`, `results`.
    #[must_use]
    pub fn list_field(&self, key: &str) -> Option<NodeRef<'_>> {
        let root = self.contents.lists.last().filter(|_| self.frame == Frame::List)?.list;
        self.node(root).get(key).filter(|field| !field.is_null())
    }

    fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { source: self.source, tree: &self.tree, id }
    }

    /// The package's text with every edit applied, and `results` after those that are there.
    ///
    /// Bytes that no edit names are those of the source. Edits of one object are applied in order; an
    /// object that is removed takes the comment lines right above it along, and those below it that are
    /// further in than its dash, because they would else speak of the next object.
    ///
    /// # Errors
    /// An edit that does not fit its object, or that cannot be applied without changing something else.
    pub fn apply(&self, edits: &[Edit], results: &[Value]) -> Result<Spliced<'s>, EditError> {
        let plan = self.plan(edits)?;
        let mut rewrite = Rewrite::new(self.source, &self.ranges);
        let wanted = self.patch_objects(&plan, &mut rewrite)?;
        aliases::check_none_is_lost(self.source, &self.tree, &self.contents, &plan.removed)
            .map_err(|(item, error)| EditError { item: Some(ItemId(item)), error })?;
        self.change_frames(&plan, results, &mut rewrite)
            .map_err(|error| EditError { item: None, error })?;
        let spliced = rewrite.finish();
        self.check_whole(&spliced, &plan, &wanted, results)
            .map_err(|error| EditError { item: None, error })?;
        Ok(spliced)
    }

    /// Reads the new text where edits meet, or are above lines that only some values take below them;
    /// also where a first document became `{}`, with which the stream is JSON to kubectl.
    fn check_whole(
        &self,
        spliced: &Spliced<'_>,
        plan: &Plan<'_>,
        wanted: &[Option<Wanted>],
        results: &[Value],
    ) -> Result<(), SourceError> {
        let is_list = self.frame == Frame::List;
        let begins = || spliced.pieces().find_map(|piece| piece.trim_start().chars().next());
        let is_json = !is_list && !spliced.is_unchanged() && begins() == Some('{');
        if !is_json && !spliced.changes_meet(&self.ranges) && !spliced.is_above_tabs() {
            return Ok(());
        }
        let text = spliced.to_string();
        let whole =
            |error: SourceError| SourceError { position: Position::of(self.source, 0), ..error };
        let tree = parse(&text).map_err(whole)?;
        let proof = WholeProof {
            before: self.page(),
            contents: &self.contents,
            wanted,
            removed: &plan.removed,
            added: &plan.added,
            results,
            outer: self.outer(),
            is_list,
        };
        if proof.holds(Page::new(&text, &tree)).map_err(whole)? {
            return Ok(());
        }
        let message = "these edits cannot be applied at once without changing something else; apply them one after the other";
        Err(SourceError::at(self.source, 0, message))
    }

    /// The list that what is new goes into: the ResourceList, or the list that is the only document.
    fn outer(&self) -> Option<&List> {
        let is_one_list =
            matches!(self.contents.documents[..], [Entry { holds: Holds::List(_), .. }]);
        self.contents.lists.last().filter(|_| self.frame == Frame::List || is_one_list)
    }

    /// The edits by object.
    fn plan<'e>(&self, edits: &'e [Edit]) -> Result<Plan<'e>, EditError> {
        let count = self.contents.items.len();
        let (patches, removed) = (vec![None; count], vec![false; count]);
        let mut plan = Plan { patches, removed, added: Vec::new() };
        for edit in edits {
            match edit {
                Edit::Patch { item, operations } => {
                    let patch = plan.patches.get_mut(item.0).ok_or_else(|| self.no_item(*item))?;
                    let patch: &mut Patch = patch.get_or_insert_default();
                    patch.0.extend(operations.0.iter().cloned());
                }
                Edit::RemoveItem(item) => {
                    *plan.removed.get_mut(item.0).ok_or_else(|| self.no_item(*item))? = true;
                }
                Edit::AddItem(object) => plan.added.push(object),
            }
        }
        Ok(plan)
    }

    /// Makes the patches; gives for each object what its patch makes of it.
    fn patch_objects(
        &self,
        plan: &Plan<'_>,
        rewrite: &mut Rewrite<'_>,
    ) -> Result<Vec<Option<Wanted>>, EditError> {
        let mut wanted: Vec<Option<Wanted>> = plan.patches.iter().map(|_| None).collect();
        let mut shared = aliases::shared_anchors(self.source, &self.tree, &self.contents);
        for (item, patch) in plan.patches.iter().enumerate() {
            let stays = |patch: &&Patch| !plan.removed[item] && !patch.0.is_empty();
            let Some(patch) = patch.as_ref().filter(stays) else { continue };
            let failed = |error| EditError { item: Some(ItemId(item)), error };
            self.check_root(item, patch).map_err(failed)?;
            let node = self.contents.items[item];
            let shared = shared.remove(&item).unwrap_or_default();
            let ranges = self.ranges[item];
            let object = Object::new(self.page(), node, ranges, self.style(), shared);
            let (splice, proved) = object.patched(patch).map_err(failed)?;
            rewrite.replace(item, splice);
            wanted[item] = Some(proved);
        }
        Ok(wanted)
    }

    fn change_frames(
        &self,
        plan: &Plan<'_>,
        results: &[Value],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        let (page, style, ranges) = (self.page(), self.style(), &self.ranges[..]);
        let Contents { lists, documents, .. } = &self.contents;
        let outer = self.outer();
        for list in lists {
            let is_outer = outer.is_some_and(|outer| outer.list == list.list);
            let added = if is_outer { &plan.added[..] } else { &[] };
            let frame = ListFrame { page, list, ranges, style };
            frame.change(&plan.removed, added, rewrite)?;
        }
        match (self.frame, outer) {
            (Frame::List, Some(list)) => {
                ListFrame { page, list, ranges, style }.add_results(results, rewrite)
            }
            (Frame::Stream { is_json }, None) => {
                let frame = StreamFrame { page, documents, ranges, style, is_json };
                frame.change(&plan.removed, &plan.added, rewrite)
            }
            _ => Ok(()),
        }
    }

    /// JSON objects after each other are documents only because each begins with `{`: Go's readers
    /// take no other value there.
    fn check_root(&self, item: usize, patch: &Patch) -> Result<(), SourceError> {
        let is_json = matches!(self.frame, Frame::Stream { is_json: true });
        let replaced = patch.0.iter().any(|operation| match operation {
            PatchOperation::Add(add) => add.path.is_root() && !add.value.is_object(),
            PatchOperation::Replace(new) => new.path.is_root() && !new.value.is_object(),
            _ => false,
        });
        if !is_json || !replaced {
            return Ok(());
        }
        let start = self.tree.span(self.contents.items[item]).start;
        let message = "an object of a JSON stream can only be replaced by an object";
        Err(SourceError::at(self.source, start, message))
    }

    fn no_item(&self, item: ItemId) -> EditError {
        let count = self.contents.items.len();
        let message = format!("the package has {count} objects, not {}", item.0 + 1);
        EditError { item: None, error: SourceError::at(self.source, 0, message) }
    }

    fn page(&self) -> Page<'_> {
        Page::new(self.source, &self.tree)
    }

    fn style(&self) -> Style {
        Style { line_break: self.line_break, indented_sequences: false, literals: true }
    }
}

/// Edits by what they are of.
struct Plan<'e> {
    /// For each object what is to be done to it.
    patches: Vec<Option<Patch>>,
    /// For each object whether it leaves.
    removed: Vec<bool>,
    /// What comes after those that stay.
    added: Vec<&'e NewObject>,
}
