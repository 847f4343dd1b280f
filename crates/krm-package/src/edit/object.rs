//! One object's text after a patch, and its proof: the new text must read as what `json-patch` makes of
//! the old value.

use std::collections::HashSet;

use json_patch::{Patch, PatchOperation};

use super::emit::Style;
use super::page::Page;
use super::patch::{Edit, root};
use super::proof::Wanted;
use super::ranges::Ranges;
use super::splice::Splice;
use crate::error::{Position, SourceError};
use crate::read::NodeRef;
use crate::syntax::parse::parse_part;
use crate::syntax::tree::{Form, NodeId, Tree};

/// The new text of an object, from its own range to where the lines below it stay.
///
/// # Errors
/// A patch that does not fit, or that can't be made without a guess.
pub(crate) fn patched(
    page: Page<'_>,
    node: NodeId,
    ranges: Ranges,
    patch: &Patch,
    style: Style,
    shared: HashSet<String>,
) -> Result<(Splice, Wanted), SourceError> {
    let Page { source, tree } = page;
    if tree.node(node).form == Form::Alias {
        let start = tree.span(node).start;
        return Err(SourceError::at(source, start, "this object is an alias; write it out"));
    }
    let range = ranges.text..ranges.below;
    // What stands on the rest of its line between brackets, which may be all of the text, is not its own.
    let (lead, style) = if ranges.in_flow {
        ("", Style { literals: false, ..style })
    } else {
        let lead = &source[page.line_start(range.start)..range.start];
        let lead = lead.trim_start_matches('\u{feff}');
        (lead, page.as_around(tree.span(node).end, lead.chars().count(), style))
    };
    let object = ObjectText::new(
        &source[range.clone()],
        lead,
        &source[ranges.below..ranges.end.max(ranges.open)],
        ranges.open - ranges.below,
        style,
        ranges.in_flow,
        shared,
    );
    let placed = |error| placed(source, error, range.start, lead.chars().count());
    let (text, below, wanted) = object.patched(patch).map_err(placed)?;
    Ok((Splice { range: range.start..range.end + below, text }, wanted))
}

/// An error in an object's own text, at its place in the source.
fn placed(source: &str, error: SourceError, start: usize, column: usize) -> SourceError {
    let start = Position::of(source, start);
    let mut position = error.position;
    if position.line == 1 {
        position.column = start.column + position.column.saturating_sub(column + 1);
    }
    position.line += start.line - 1;
    SourceError { position, ..error }
}

/// An object's text on its own, as wide as it stands in its source.
#[derive(Debug, Clone)]
pub(crate) struct ObjectText<'s> {
    /// The text, behind as many blanks as `lead` has characters.
    text: String,
    /// What stands before the object on its first line: `  - `; nothing where that line is all its own.
    lead: &'s str,
    /// The comments and empty lines below it.
    below: &'s str,
    /// So many of their bytes a block scalar at the object's end would take for its text.
    open: usize,
    pub(super) style: Style,
    /// What stands around the object is in brackets, or is JSON.
    pub(super) in_flow: bool,
    /// Names of anchors that aliases outside the object use.
    pub(super) shared_anchors: HashSet<String>,
}

impl<'s> ObjectText<'s> {
    pub(crate) fn new(
        text: &str,
        lead: &'s str,
        below: &'s str,
        open: usize,
        style: Style,
        in_flow: bool,
        shared_anchors: HashSet<String>,
    ) -> Self {
        let blanks = " ".repeat(lead.chars().count());
        Self { text: format!("{blanks}{text}"), lead, below, open, style, in_flow, shared_anchors }
    }

    /// The text after every operation, as it stands behind `lead`; how many bytes below go with it, which are
    /// those that a block scalar, left as the last of the object, would take for its text; and what was proved.
    ///
    /// # Errors
    /// An operation that does not fit the value, and every edit that can't be spliced without a
    /// guess: one that reaches through an alias, changes what an alias elsewhere repeats, or would
    /// not read as intended. Positions count from the object's own first line.
    pub(crate) fn patched(mut self, patch: &Patch) -> Result<(String, usize, Wanted), SourceError> {
        let before = self.text.clone();
        let tree_before = parse_part(&before)?;
        let object =
            NodeRef { source: &before, tree: &tree_before, id: root(&before, &tree_before)? };
        let wanted = Wanted::of(object, patch)?;
        for (place, operation) in patch.0.iter().enumerate() {
            let now;
            let tree = if place == 0 {
                &tree_before
            } else {
                now = parse_part(&self.text)?;
                &now
            };
            self.text = self.splice(operation, tree)?.apply(&self.text);
        }
        let wanted = wanted.patched(patch, &self.text)?;
        // Where the first entry went, a comment or an empty line may come first that stands further out
        // than the object. Behind the object's dash it is read as well.
        let blanks = self.text.len() - self.text.trim_start_matches(' ').len();
        let text = self.text.split_off(blanks.min(self.lead.chars().count()));
        let reads =
            |below: &str| reads_as(&[self.lead, &text, below].concat(), self.lead, object, &wanted);
        if matches!(reads(self.below), Ok(true)) {
            return Ok((text, 0, wanted));
        }
        if reads(&self.below[self.open..])? {
            return Ok((text, self.open, wanted));
        }
        Err(SourceError::at(
            &text,
            0,
            "this object cannot be edited without changing something else in it; write it as plain `key: value` lines",
        ))
    }

    fn splice(&self, operation: &PatchOperation, tree: &Tree) -> Result<Splice, SourceError> {
        let edit = Edit { object: self, tree, page: Page { source: &self.text, tree } };
        match operation {
            PatchOperation::Add(add) => {
                edit.check_keys(&add.value)?;
                edit.add(&add.path, &add.value)
            }
            PatchOperation::Replace(replace) => {
                edit.check_keys(&replace.value)?;
                edit.replace(&replace.path, &replace.value)
            }
            PatchOperation::Remove(remove) => edit.remove(&remove.path),
            _ => Err(edit.refuse(0, "unsupported operation; expected add, replace or remove")),
        }
    }
}

/// Whether an object is as wanted behind the dashes that lead to it.
fn reads_as(
    source: &str,
    lead: &str,
    before: NodeRef<'_>,
    wanted: &Wanted,
) -> Result<bool, SourceError> {
    let tree = parse_part(source)?;
    let mut id = root(source, &tree)?;
    for _ in lead.matches('-') {
        let mut entries = tree.children(id);
        let (true, Some(entry), None) =
            (tree.node(id).form.is_sequence(), entries.next(), entries.next())
        else {
            return Ok(false);
        };
        id = entry;
    }
    wanted.is(before, NodeRef { source, tree: &tree, id })
}
