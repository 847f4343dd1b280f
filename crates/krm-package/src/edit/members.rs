//! Objects that come and go, and the results behind them.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::emit::{self, Style};
use super::splice::{Slot, SlotKind, Splice};
use crate::error::SourceError;
use crate::package::{EditError, ItemId, Package};
use crate::syntax::tree::{Form, NodeId};

/// Which objects leave a package and which join it.
pub(crate) struct Membership<'v> {
    /// For each object whether it leaves.
    pub(crate) removed: Vec<bool>,
    /// What comes behind those that stay.
    pub(crate) added: Vec<&'v Value>,
}

impl Membership<'_> {
    fn leaves(&self, item: Option<ItemId>) -> bool {
        item.is_some_and(|item| self.removed[item.0])
    }

    fn gone(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.removed.len()).filter(|place| self.removed[*place])
    }

    fn any_stays(&self) -> bool {
        self.removed.iter().any(|gone| !gone)
    }
}

impl Package<'_> {
    /// An object whose value an alias in another repeats can't leave without it.
    pub(crate) fn check_no_alias_is_lost(&self, change: &Membership<'_>) -> Result<(), EditError> {
        if change.gone().next().is_none() {
            return Ok(());
        }
        for link in &self.tree.aliases {
            let item = self.item_around(link.target);
            if change.leaves(item) && !change.leaves(self.item_around(link.alias)) {
                let start = self.tree.span(link.alias).start;
                let message = "this alias repeats a value of an object that is being removed; write the value out";
                return Err(EditError {
                    item,
                    error: SourceError::at(self.source, start, message),
                });
            }
        }
        Ok(())
    }

    pub(crate) fn changed_items(
        &self,
        list: NodeId,
        items: Option<NodeId>,
        change: &Membership<'_>,
    ) -> Result<Vec<Splice>, SourceError> {
        if change.added.is_empty() && change.gone().next().is_none() {
            return Ok(Vec::new());
        }
        let page = self.page();
        let style = self.style();
        emit::check_keys(&change.added).map_err(|error| SourceError::at(self.source, 0, error))?;
        let slot = self.list_slot(list, "items")?;
        let Some(sequence) = items.filter(|_| change.any_stays()) else {
            let value = Value::Array(change.added.iter().copied().cloned().collect());
            let Some(slot) = slot else {
                return Ok(vec![page.add_entry(list, "items", &value, style)?]);
            };
            let mut splice = page.replace(slot, &value, style);
            // The comment behind the last object's last line goes with it.
            if self.tree.node(slot.node).form == Form::BlockSequence {
                splice.range.end = page.line_end(splice.range.end);
            }
            return Ok(vec![splice]);
        };
        let mut splices = if self.tree.node(sequence).form.is_flow() {
            self.without_flow_items(sequence, change)
        } else {
            self.without_block_items(sequence, change)?
        };
        // All new objects go behind the last one, in their order.
        if !change.added.is_empty() {
            splices.push(page.append(sequence, &change.added, style)?);
        }
        Ok(splices)
    }

    fn without_block_items(
        &self,
        sequence: NodeId,
        change: &Membership<'_>,
    ) -> Result<Vec<Splice>, SourceError> {
        let page = self.page();
        let entries: Vec<NodeId> = self.tree.children(sequence).collect();
        let mut splices: Vec<Splice> = Vec::new();
        // The block scalar that ends right where objects go.
        let mut open = None;
        for place in change.gone() {
            let mut splice = page.remove_block_element(sequence, &entries, place)?;
            // A line of the object before may look like a comment: it may be in a block scalar.
            let last = NodeId(entries[place].0 - 1);
            let before = match place.checked_sub(1) {
                Some(before) => self.tree.span(entries[before]).end,
                None => self.tree.span(NodeId(sequence.0 - 1)).end,
            };
            let own_line = page.line_start(page.dash(sequence, &entries, place)?);
            let start = self.comment_above(own_line, before);
            let from = match splices.last() {
                Some(gone) if place > 0 && change.removed[place - 1] => gone.range.end,
                _ => {
                    open = Some(last).filter(|last| self.tree.node(*last).form.is_block_scalar());
                    before
                }
            };
            open = open.filter(|_| self.source[from..start.max(from)].trim_ascii().is_empty());
            // The last lines of a text that no line break ends take the one before them, unless a block
            // scalar ends with it.
            let is_bare = !self.source[..splice.range.end].ends_with('\n');
            let takes_break = is_bare && open.is_none();
            splice.range.start = if takes_break { page.before_line_break(start) } else { start };
            splice.range.end = self.behind_own_lines(own_line, splice.range.end, open);
            splices.push(splice);
        }
        Ok(splices)
    }

    /// The end of the lines below a removed object that go with it: comments further in than its dash,
    /// and empty lines before them. They would else speak of the next object, or be read as text of a
    /// block scalar that ends the object above; as would lines of blanks, and where that scalar keeps
    /// what is at its end, empty ones.
    fn behind_own_lines(&self, own_line: usize, from: usize, above: Option<NodeId>) -> usize {
        let blanks = |line: &str| line.bytes().take_while(|byte| *byte == b' ').count();
        let column = blanks(&self.source[own_line..]);
        let keeps = above.is_some_and(|scalar| {
            let header = &self.source.as_bytes()[self.tree.span(scalar)];
            header.iter().skip(1).take(2).any(|byte| *byte == b'+')
        });
        let (mut taken, mut at) = (from, from);
        while at < self.source.len() {
            let line_end = self.page().line_end(at);
            let line = &self.source[at..line_end];
            at = self.page().behind_line_break(line_end).unwrap_or(line_end);
            let is_own = match line.trim_ascii().as_bytes() {
                [] => keeps || !line.is_empty(),
                [b'#', ..] if blanks(line) > column => true,
                _ => break,
            };
            if is_own {
                taken = at;
            }
        }
        taken
    }

    /// Each entry goes with the comma before it, or behind it where none before it stays.
    fn without_flow_items(&self, sequence: NodeId, change: &Membership<'_>) -> Vec<Splice> {
        let entries: Vec<Range<usize>> =
            self.tree.children(sequence).map(|entry| self.tree.outer_span(entry)).collect();
        let removed = &change.removed;
        let first_kept = removed.iter().position(|gone| !gone).unwrap_or(removed.len());
        change
            .gone()
            .map(|place| Splice {
                range: if place < first_kept {
                    entries[place].start..entries[place + 1].start
                } else {
                    entries[place - 1].end..entries[place].end
                },
                text: String::new(),
            })
            .collect()
    }

    /// The start of the comment lines right above a line; none of them is the one in which
    /// `before` lies, or above it.
    fn comment_above(&self, line_start: usize, before: usize) -> usize {
        let mut start = line_start;
        while start > 0 {
            let above = self.page().line_start(start - 1);
            if above <= before || !self.source[above..start].trim_ascii_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// The place of a field of the list itself, which is not an alias and not repeated by one.
    fn list_slot(&self, list: NodeId, key: &str) -> Result<Option<Slot>, SourceError> {
        let page = self.page();
        if self.tree.node(list).explicit_key {
            let start = self.tree.span(list).start;
            let message = "the list has a `? key`; write it as `key: value`";
            return Err(SourceError::at(self.source, start, message));
        }
        let found = self.tree.entries(list).find(|(name, _)| self.node(*name).says(key));
        let Some((name, value)) = found else {
            return Ok(None);
        };
        let repeated = self.tree.aliases.iter().any(|link| link.target == value);
        if repeated || self.tree.node(value).form == Form::Alias {
            let start = self.tree.span(value).start;
            let message = format!("an alias repeats the value of {key}; write the value out");
            return Err(SourceError::at(self.source, start, message));
        }
        let in_flow = self.tree.node(list).form.is_flow();
        let end = self.tree.span(name).end;
        let colon = crate::syntax::lines::skip_blanks(self.source.as_bytes(), end);
        if self.source.as_bytes().get(colon) != Some(&b':') {
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
    pub(crate) fn with_results(
        &self,
        list: NodeId,
        results: &[Value],
    ) -> Result<Option<Splice>, SourceError> {
        if results.is_empty() {
            return Ok(None);
        }
        let page = self.page();
        let style = self.style();
        let slot = self.list_slot(list, "results")?;
        let known = self.known_results(slot)?;
        let new: Vec<&Value> = results
            .iter()
            .filter(|result| {
                known.get(&result["message"]).is_none_or(|known| !known.contains(result))
            })
            .collect();
        if new.is_empty() {
            return Ok(None);
        }
        emit::check_keys(&new).map_err(|error| SourceError::at(self.source, 0, error))?;
        if let Some(slot) = slot.filter(|_| !known.is_empty()) {
            return page.append(slot.node, &new, style).map(Some);
        }
        let value = Value::Array(new.into_iter().cloned().collect());
        Ok(Some(match slot {
            Some(slot) => page.replace(slot, &value, style),
            // As the list's first line ends, whatever becomes of its objects.
            None => {
                let near = self.tree.span(list).start;
                page.add_entry_as_at(near, list, "results", &value, style)?
            }
        }))
    }

    /// The results that are there, by their messages.
    fn known_results(&self, slot: Option<Slot>) -> Result<HashMap<Value, Vec<Value>>, SourceError> {
        let mut known: HashMap<Value, Vec<Value>> = HashMap::new();
        let Some(node) = slot.map(|slot| self.node(slot.node)).filter(|node| !node.is_null())
        else {
            return Ok(known);
        };
        let value = node.value().map_err(|error| SourceError {
            position: error.position,
            message: format!("results: {}", error.message),
        })?;
        let Value::Array(results) = value else {
            let start = self.tree.span(node.id).start;
            return Err(SourceError::at(self.source, start, "results must be a list"));
        };
        for result in results {
            known.entry(result["message"].clone()).or_default().push(result);
        }
        Ok(known)
    }

    pub(crate) fn changed_documents(
        &self,
        change: &Membership<'_>,
    ) -> Result<Vec<Splice>, SourceError> {
        let mut splices: Vec<Splice> = change
            .gone()
            .map(|place| Splice {
                range: self.removed_document(place, change),
                text: String::new(),
            })
            .collect();
        if change.added.is_empty() {
            return Ok(splices);
        }
        emit::check_keys(&change.added).map_err(|error| SourceError::at(self.source, 0, error))?;
        let style = self.style();
        let left = self.left_over(&splices);
        let mut text = String::new();
        let left = left.trim_start_matches('\u{feff}');
        if !left.is_empty() && !left.ends_with('\n') {
            self.page().check_line_can_end(self.source.len())?;
            text.push_str(style.line_break);
        }
        // Comments, or a document in which nothing stands, are no part of a new document.
        let mut needs_marker = !left.trim_ascii().is_empty();
        for value in &change.added {
            push_document(value, needs_marker, style, &mut text);
            needs_marker = true;
        }
        let end = self.source.len();
        splices.push(Splice { range: end..end, text });
        Ok(splices)
    }

    /// JSON objects go and come, each on lines of its own where it stood on some.
    pub(crate) fn changed_json(&self, change: &Membership<'_>) -> Vec<Splice> {
        let mut splices: Vec<Splice> = change
            .gone()
            .map(|place| {
                let next = self.documents.get(place + 1);
                let next = next.map(|next| self.tree.span(next.node).start);
                let start = self.tree.span(self.documents[place].node).start;
                Splice { range: start..next.unwrap_or(self.source.len()), text: String::new() }
            })
            .collect();
        let line_break = self.style().line_break;
        let kept_to = splices.last().filter(|last| last.range.end == self.source.len());
        let kept_to = kept_to.map_or(self.source.len(), |last| last.range.start);
        let mut text = String::new();
        if !change.added.is_empty()
            && !self.source[..kept_to].trim_ascii_end().is_empty()
            && !self.source[..kept_to].ends_with('\n')
        {
            text.push_str(line_break);
        }
        for value in &change.added {
            text.push_str(&emit::flow(value));
            text.push_str(line_break);
        }
        let end = self.source.len();
        splices.push(Splice { range: end..end, text });
        splices
    }

    /// What stays of the source.
    fn left_over(&self, gone: &[Splice]) -> String {
        let starts = std::iter::once(0).chain(gone.iter().map(|splice| splice.range.end));
        let ends = gone.iter().map(|splice| splice.range.start).chain([self.source.len()]);
        starts.zip(ends).map(|(start, end)| &self.source[start..end]).collect()
    }

    /// The lines that go with a document. Where the next one has no `---`, the `...` between them
    /// stays: it parts the next from the one before.
    fn removed_document(&self, place: usize, change: &Membership<'_>) -> Range<usize> {
        let range = self.document(place);
        let first = self.tree.roots.partition_point(|root| *root < self.documents[place].node);
        let gone = change.removed[..place].iter().filter(|gone| **gone).count();
        let is_last = place + 1 == self.documents.len();
        if is_last || first == gone || !is_marker(self.line(range.start)) {
            return range;
        }
        let above = self.page().line_start(range.end.saturating_sub(1));
        let parts_by_end = !is_marker(self.line(range.end)) && self.line(above).starts_with("...");
        range.start..if parts_by_end { above } else { range.end }
    }

    fn line(&self, start: usize) -> &str {
        &self.source[start..self.page().line_end(start)]
    }

    /// A document's lines, from its `---` (or its own first line) to the line before the next one's.
    fn document(&self, place: usize) -> Range<usize> {
        let start = self.begin_of_document(self.documents[place].node);
        let next = self.documents.get(place + 1);
        start..next.map_or(self.source.len(), |next| self.begin_of_document(next.node))
    }

    fn begin_of_document(&self, root: NodeId) -> usize {
        let page = self.page();
        let mut start = page.line_start(self.tree.outer_span(root).start);
        // Nothing of the document before, a block scalar of which may look like a comment.
        let place = self.tree.roots.partition_point(|other| *other < root);
        let before = place.checked_sub(1).map(|before| self.tree.span(self.tree.roots[before]).end);
        if is_marker(&self.source[start..page.line_end(start)]) {
            return self.begin_of_directives(start, before);
        }
        while start > 0 {
            let above = page.line_start(start - 1);
            let line = self.source[above..start].trim_ascii_end();
            let leads = line.is_empty() || line.trim_ascii_start().starts_with(['#', '%']);
            if before.is_some_and(|before| above <= before) && !is_marker(line) {
                break;
            }
            if !leads && !is_marker(line) {
                break;
            }
            start = above;
            if is_marker(line) {
                return self.begin_of_directives(start, before);
            }
        }
        start
    }

    /// The first of the directives above a document's `---`, which are nothing without it; else the
    /// `---` itself.
    fn begin_of_directives(&self, marker: usize, before: Option<usize>) -> usize {
        let mut first = marker;
        let mut at = marker;
        while at > 0 {
            let above = self.page().line_start(at - 1);
            let line = self.source[above..at].trim_ascii_end().trim_start_matches('\u{feff}');
            let is_directive = line.starts_with('%');
            let leads = is_directive || line.is_empty() || line.trim_ascii_start().starts_with('#');
            if !leads || before.is_some_and(|before| above <= before) {
                break;
            }
            at = above;
            if is_directive {
                first = above;
            }
        }
        first
    }
}

/// Whether a document begins with this line.
fn is_marker(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_ascii_end();
    line == "---" || line.starts_with("--- ") || line.starts_with("---\t")
}

fn push_document(value: &Value, needs_marker: bool, style: Style, text: &mut String) {
    if needs_marker {
        text.push_str("---");
        text.push_str(style.line_break);
    }
    text.push_str(&emit::block(value, 0, style));
    text.push_str(style.line_break);
}
