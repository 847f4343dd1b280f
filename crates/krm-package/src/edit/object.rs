//! One object's text after a patch, and its proof: the new text must read as what `json-patch` makes of
//! the old value.

use std::collections::HashSet;

use json_patch::Patch;

use super::emit::Style;
use super::page::Page;
use super::patch::Edit;
use super::proof::Wanted;
use super::ranges::Ranges;
use super::splice::Splice;
use crate::error::{Position, SourceError};
use crate::read::NodeRef;
use crate::syntax::parse::parse_part;
use crate::syntax::tree::{Form, NodeId, Tree};

/// An object in its text.
pub(crate) struct Object<'p> {
    page: Page<'p>,
    node: NodeId,
    ranges: Ranges,
    style: Style,
    /// What is before the object on its first line: `  - `; nothing where that line is all its own.
    lead: &'p str,
    /// Names of anchors that aliases outside the object use.
    shared_anchors: HashSet<String>,
}

impl<'p> Object<'p> {
    pub(crate) fn new(
        page: Page<'p>,
        node: NodeId,
        ranges: Ranges,
        style: Style,
        shared_anchors: HashSet<String>,
    ) -> Self {
        let page = Page { from: ranges.text, ..page };
        // What is on the rest of its line between brackets, which may be all of the text, is not its
        // own.
        if ranges.in_flow {
            let style = Style { literals: false, ..style };
            return Self { page, node, ranges, style, lead: "", shared_anchors };
        }
        let lead = &page.source[page.line_start(ranges.text)..ranges.text];
        let lead = lead.trim_start_matches('\u{feff}');
        let style = page.as_around(page.tree.span(node).end, lead.chars().count(), style);
        Self { page, node, ranges, style, lead, shared_anchors }
    }

    /// The new text of the object, from its own range to where the lines below it stay, and what was
    /// proved of it.
    ///
    /// # Errors
    /// An operation that does not fit the value, and every edit that cannot be spliced without a guess, or
    /// would not read as intended.
    pub(crate) fn patched(&self, patch: &Patch) -> Result<(Splice, Wanted), SourceError> {
        let Page { source, tree, .. } = self.page;
        if tree.node(self.node).form == Form::Alias {
            let start = tree.span(self.node).start;
            return Err(SourceError::at(source, start, "this object is an alias; write it out"));
        }
        let wanted = Wanted::of(self.page.node(self.node), patch)?;
        let text = self.edited(patch)?;
        let at = || Position::of(source, self.ranges.text);
        let wanted = wanted.patched(patch, at)?;
        let Ranges { below, open, proof, .. } = self.ranges;
        let below_it = &source[below..proof];
        // A block scalar that is left as the object's last would take lines below for its text.
        if matches!(self.reads(&text, below_it, &wanted), Ok(true)) {
            return Ok((Splice { range: self.ranges.text..below, text }, wanted));
        }
        if self.reads(&text, &source[open..proof], &wanted)? {
            return Ok((Splice { range: self.ranges.text..open, text }, wanted));
        }
        let message = "this object cannot be edited without changing something else in it; write it as plain `key: value` lines";
        Err(SourceError { position: at(), message: message.to_owned() })
    }

    /// The text after every operation, as it is after `lead`.
    fn edited(&self, patch: &Patch) -> Result<String, SourceError> {
        let Ranges { text: start, below, .. } = self.ranges;
        let Some((first, others)) = patch.0.split_first() else {
            return Ok(self.page.source[start..below].to_owned());
        };
        let splice = self.edit(self.page, self.node).splice(first)?;
        let text = splice.apply_to(self.page.source, start..below);
        let width = self.lead.chars().count();
        let mut text = without_blanks(text, width);
        for operation in others {
            // As wide as it is in its source.
            let wide = format!("{}{text}", " ".repeat(width));
            let placed = |error| self.placed(error);
            let tree = parse_part(&wide).map_err(placed)?;
            let root = root(&wide, &tree).map_err(placed)?;
            let splice = self.edit(Page::new(&wide, &tree), root).splice(operation);
            text = without_blanks(splice.map_err(placed)?.apply_to(&wide, 0..wide.len()), width);
        }
        Ok(text)
    }

    fn edit<'t>(&'t self, page: Page<'t>, root: NodeId) -> Edit<'t> {
        let (style, in_flow) = (self.style, self.ranges.in_flow);
        Edit { page, root, style, in_flow, shared_anchors: &self.shared_anchors }
    }

    /// Whether the object is as wanted after the dashes that lead to it, with some lines below.
    fn reads(&self, text: &str, below: &str, wanted: &Wanted) -> Result<bool, SourceError> {
        let source = [self.lead, text, below].concat();
        let placed = |error| self.placed(error);
        let tree = parse_part(&source).map_err(placed)?;
        let mut id = root(&source, &tree).map_err(placed)?;
        for _ in self.lead.matches('-') {
            let mut entries = tree.children(id);
            let (true, Some(entry), None) =
                (tree.node(id).form.is_sequence(), entries.next(), entries.next())
            else {
                return Ok(false);
            };
            id = entry;
        }
        let after = NodeRef { source: &source, tree: &tree, id };
        wanted.is(self.page.node(self.node), after).map_err(placed)
    }

    /// An error in the object's new text, at its place in the source.
    fn placed(&self, error: SourceError) -> SourceError {
        let start = Position::of(self.page.source, self.ranges.text);
        let mut position = error.position;
        if position.line == 1 {
            let width = self.lead.chars().count();
            position.column = start.column + position.column.saturating_sub(width + 1);
        }
        position.line += start.line - 1;
        SourceError { position, ..error }
    }
}

/// The one root of an object's text.
fn root(source: &str, tree: &Tree) -> Result<NodeId, SourceError> {
    match tree.roots[..] {
        [root] => Ok(root),
        _ => Err(SourceError::at(source, 0, "the object is not one YAML document")),
    }
}

/// Where the first entry went, what comes first is indented, or is further out than the object: a
/// comment, or an empty line. After the object's dash it is read as well.
fn without_blanks(mut text: String, width: usize) -> String {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    text.drain(..blanks.min(width));
    text
}
