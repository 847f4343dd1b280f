//! Places in a parsed text: lines, columns, dashes, what is between two nodes.

use super::emit::Style;
use crate::error::SourceError;
use crate::read::NodeRef;
use crate::syntax::lines::{self, skip_blanks};
use crate::syntax::tree::{NodeId, Tree};

/// A parsed text in which places for changes are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Page<'t> {
    pub(crate) source: &'t str,
    pub(crate) tree: &'t Tree,
    /// The text of the object that is edited begins here; what is before it on its line leads to it.
    pub(crate) from: usize,
}

impl<'t> Page<'t> {
    pub(crate) fn new(source: &'t str, tree: &'t Tree) -> Self {
        Self { source, tree, from: 0 }
    }

    pub(crate) fn node(&self, id: NodeId) -> NodeRef<'t> {
        NodeRef { source: self.source, tree: self.tree, id }
    }

    /// The dash before an entry of a block sequence, after the end of the one before it.
    pub(crate) fn dash_after(&self, sequence: NodeId, entry_before: Option<usize>) -> usize {
        entry_before.map_or_else(
            || self.tree.span(sequence).start,
            |end| skip_blanks(self.source.as_bytes(), end),
        )
    }

    /// Whether a block collection, or a scalar, begins on a line below its indicator.
    pub(super) fn starts_below(&self, node: NodeId, behind_indicator: usize) -> bool {
        let start = self.tree.outer_span(node).start;
        self.source[behind_indicator.min(start)..start].contains('\n')
    }

    /// The comment that is on the indicator's line, with a blank before it: after `key:` where
    /// the value is on lines below, or after a block scalar's header.
    pub(super) fn comment_of(&self, node: NodeId, behind_indicator: usize) -> String {
        let form = self.tree.node(node).form;
        let from = if form.is_block_scalar() {
            self.tree.span(node).start
        } else if self.starts_below(node, behind_indicator) {
            behind_indicator
        } else {
            return String::new();
        };
        let line = &self.source[from..self.line_end(from)];
        let bytes = line.as_bytes();
        let comment =
            (1..bytes.len()).find(|at| bytes[*at] == b'#' && matches!(bytes[at - 1], b' ' | b'\t'));
        comment.map_or_else(String::new, |at| format!(" {}", line[at..].trim_ascii_end()))
    }

    /// `{a: , b: 1}`: to some readers a colon with no blank after it is a part of the key.
    pub(super) fn blank_after_colon(&self, at: usize) -> &'static str {
        if self.source[..at].ends_with(':') { " " } else { "" }
    }

    /// The dash before a block sequence's entry.
    pub(crate) fn dash(
        &self,
        sequence: NodeId,
        entries: &[NodeId],
        place: usize,
    ) -> Result<usize, SourceError> {
        let before = place.checked_sub(1).and_then(|before| entries.get(before));
        let at = self.dash_after(sequence, before.map(|before| self.tree.span(*before).end));
        if self.source.as_bytes().get(at) == Some(&b'-') {
            return Ok(at);
        }
        Err(SourceError::at(
            self.source,
            at,
            "this entry has no dash before it; write one entry per line",
        ))
    }

    /// The column of a block mapping's keys.
    pub(crate) fn mapping_column(&self, mapping: NodeId) -> Result<usize, SourceError> {
        let start = self.tree.span(mapping).start;
        let entries: Vec<_> = self.tree.entries(mapping).take(2).collect();
        let column = match entries.get(1) {
            Some((second, _)) => self.column(self.tree.outer_span(*second).start),
            None => self.column(start),
        };
        let line_start = self.line_start(start);
        let lead = &self.source[line_start..start];
        if entries.len() < 2 && !lead.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Err(SourceError::at(
                self.source,
                start,
                "the indentation of this mapping's keys is ambiguous; write its first key on a line of its own",
            ));
        }
        Ok(column)
    }

    /// What separates an entry of a flow collection from the one before it: a blank, or the line
    /// break and the blanks that a pretty-printed JSON has.
    pub(super) fn gap_before(&self, node: NodeId) -> &'t str {
        let start = self.tree.outer_span(node).start;
        let gap = self.source[..start].trim_end_matches([' ', '\t', '\n', '\r']).len();
        let gap = &self.source[gap..start];
        if gap.contains('\n') { gap } else { " " }
    }

    /// The style with the line break of the line at an offset: a text can have both kinds. And whether
    /// a literal block that ends with that line, below a key at `column`, ends there for every reader.
    pub(crate) fn as_around(&self, offset: usize, column: usize, style: Style) -> Style {
        let line_end = self.line_end(offset);
        let line_break = match self.source.as_bytes()[line_end..] {
            [b'\r', b'\n', ..] => "\r\n",
            [b'\n', ..] => "\n",
            _ => style.line_break,
        };
        let literals = style.literals && self.is_clear_below(line_end, column);
        Style { line_break, literals, ..style }
    }

    /// Whether the next line that is not empty begins no further in than `column`. A comment or blanks
    /// that are further in would be lines of the block above.
    pub(super) fn is_clear_below(&self, line_end: usize, column: usize) -> bool {
        let Some(below) = self.after_line_break(line_end) else {
            // Without a line break at its end the block would lose its own.
            return false;
        };
        let blanks = |line: &str| line.bytes().take_while(|b| *b == b' ').count();
        let mut lines = self.source[below..].lines();
        let is_further_in = |line: &str| blanks(line) > column;
        lines
            .find(|line| is_further_in(line) || !line.bytes().all(|b| b == b' '))
            .is_none_or(|line| !is_further_in(line) && !line[blanks(line)..].starts_with('\t'))
    }

    /// Checks that a line break at the end of the text would belong to no block scalar.
    pub(crate) fn check_line_can_end(&self, line_end: usize) -> Result<(), SourceError> {
        let Some(last) = self.tree.nodes.last().filter(|last| last.form.is_block_scalar()) else {
            return Ok(());
        };
        let (start, end) = (last.start as usize, last.end as usize);
        let header = &self.source[start..self.line_end(start)];
        let strips = header.split('#').next().is_some_and(|header| header.contains('-'));
        // Blanks beyond the indentation are a line of the block as soon as a line break ends them.
        let last_line = &self.source[self.line_start(line_end)..line_end];
        let is_blank = last_line.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
        let becomes_text = is_blank && last_line.len() > usize::from(last.indent);
        if !becomes_text && (strips || self.line_end(end) != line_end) {
            return Ok(());
        }
        Err(SourceError::at(
            self.source,
            line_end,
            "the text ends in a block scalar without a line break; add one at the end",
        ))
    }

    pub(crate) fn column(&self, offset: usize) -> usize {
        let line = &self.source[self.line_start(offset)..offset];
        line.trim_start_matches('\u{feff}').chars().count()
    }

    pub(crate) fn line_start(&self, offset: usize) -> usize {
        lines::line_start(self.source, offset)
    }

    pub(crate) fn line_end(&self, offset: usize) -> usize {
        lines::line_end(self.source, offset)
    }

    pub(crate) fn after_line_break(&self, line_end: usize) -> Option<usize> {
        lines::after_line_break(self.source, line_end)
    }
}

/// The place of a node in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) node: NodeId,
    pub(crate) kind: SlotKind,
    /// Right after the `:` or the `-`; the node's own start at the root.
    pub(crate) behind_indicator: usize,
    /// The column of the key or of the dash.
    pub(crate) column: usize,
    /// Between brackets.
    pub(crate) in_flow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotKind {
    Root,
    MappingValue,
    SequenceEntry,
}
