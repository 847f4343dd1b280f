//! A list of objects: what is in it when some of them go and others come, and the results after
//! them.

use std::collections::HashMap;

use serde_json::Value;

use super::emit::{self, Style};
use super::new_object::NewObject;
use super::page::{Page, Slot, SlotKind};
use super::ranges::Ranges;
use super::rewrite::Rewrite;
use super::splice::Splice;
use crate::error::SourceError;
use crate::read::NodeRef;
use crate::read::contents::List;
use crate::syntax::lines::skip_blanks;
use crate::syntax::tree::{Form, Marks, NodeId};

/// What is around the objects of a list.
pub(crate) struct ListFrame<'p> {
    pub(crate) page: Page<'p>,
    pub(crate) list: &'p List,
    pub(crate) ranges: &'p [Ranges],
    pub(crate) style: Style,
}

impl ListFrame<'_> {
    /// Takes out the objects that leave, and puts new ones after those that stay.
    pub(crate) fn change(
        &self,
        removed: &[bool],
        added: &[&NewObject],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        let gone: Vec<bool> = self.list.entries.iter().map(|entry| entry.leaves(removed)).collect();
        if added.is_empty() && !gone.contains(&true) {
            return Ok(());
        }
        let source = self.page.source;
        NewObject::check(added, source)?;
        let slot = self.slot("items")?;
        let Some(sequence) = self.list.items.filter(|_| gone.contains(&false)) else {
            return self.replace_all(slot, added, rewrite);
        };
        if self.page.tree.node(sequence).form.is_flow() {
            self.take_out_of_brackets(&gone, rewrite);
        } else {
            self.take_out_lines(sequence, &gone, rewrite)?;
        }
        // All new objects go after the last one, in their order.
        if !added.is_empty() {
            rewrite.put_after(self.page.append(sequence, added, self.style)?, self.ranges);
        }
        Ok(())
    }

    /// All objects leave, or there is none.
    fn replace_all(
        &self,
        slot: Option<Slot>,
        added: &[&NewObject],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        let value = Value::Array(added.iter().map(|object| object.value()).collect());
        let Some(slot) = slot else {
            let splice = self.page.add_entry(self.list.list, "items", &value, self.style)?;
            rewrite.push(splice);
            return Ok(());
        };
        let mut splice = self.page.replace(slot, &value, self.style);
        let is_block = self.page.tree.node(slot.node).form == Form::BlockSequence;
        let last = self.list.entries.last().and_then(|last| last.item()).filter(|_| is_block);
        if let Some(last) = last {
            let ranges = self.ranges[last];
            splice.range.end = ranges.line_break;
            rewrite.push(splice);
            rewrite.remove(last, ranges.below..ranges.own);
        } else {
            rewrite.push(splice);
        }
        Ok(())
    }

    fn take_out_lines(
        &self,
        sequence: NodeId,
        gone: &[bool],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        let Page { source, tree, .. } = self.page;
        let entries: Vec<NodeId> = self.list.entries.iter().map(|entry| entry.node).collect();
        // The block scalar that ends right where objects go.
        let mut open: Option<NodeId> = None;
        let mut from = tree.span(NodeId(sequence.0 - 1)).end;
        for (place, entry) in self.list.entries.iter().enumerate() {
            let Some(item) = entry.item().filter(|_| gone[place]) else {
                from = tree.span(entry.node).end;
                continue;
            };
            self.page.dash(sequence, &entries, place)?;
            let ranges = self.ranges[item];
            if place == 0 || !gone[place - 1] {
                let last = NodeId(entry.node.0 - 1);
                open = Some(last).filter(|last| tree.node(*last).form.is_block_scalar());
            }
            open = open.filter(|_| source[from..ranges.lead.max(from)].trim_ascii().is_empty());
            // To a scalar that keeps what is at its end, empty lines would be text.
            let keeps = open.is_some_and(|scalar| {
                let header = source.as_bytes()[tree.span(scalar)].iter().skip(1).take(2);
                header.copied().any(|byte| byte == b'+')
            });
            let end = if keeps { ranges.end } else { ranges.own };
            rewrite.remove(item, ranges.lead..end);
            if end == source.len() && !source.ends_with('\n') {
                rewrite.end_is_gone(open.is_some());
            }
            from = end;
        }
        Ok(())
    }

    /// Each entry goes with the comma that leads to it; where none before it stays, the next one that
    /// does loses its own.
    fn take_out_of_brackets(&self, gone: &[bool], rewrite: &mut Rewrite<'_>) {
        for (entry, _) in self.list.entries.iter().zip(gone).filter(|(_, gone)| **gone) {
            if let Some(item) = entry.item() {
                let ranges = self.ranges[item];
                rewrite.remove(item, ranges.lead..ranges.own);
            }
        }
        let first_kept = gone.iter().position(|gone| !gone).unwrap_or(0);
        if let Some(before) = first_kept.checked_sub(1) {
            let end = self.page.tree.outer_span(self.list.entries[before].node).end;
            let start = self.page.tree.outer_span(self.list.entries[first_kept].node).start;
            rewrite.push(Splice::delete(end..start));
        }
    }

    /// The place of a field of the list itself, which is not an alias and not repeated by one.
    fn slot(&self, key: &str) -> Result<Option<Slot>, SourceError> {
        let Page { source, tree, .. } = self.page;
        let list = self.list.list;
        if tree.node(list).marks.has(Marks::EXPLICIT_KEY) {
            let start = tree.span(list).start;
            let message = "the list has a `? key`; write it as `key: value`";
            return Err(SourceError::at(source, start, message));
        }
        let found = tree.entries(list).find(|(name, _)| self.page.node(*name).says(key));
        let Some((name, value)) = found else {
            return Ok(None);
        };
        let repeated = tree.aliases.iter().any(|link| link.target == value);
        if repeated || tree.node(value).form == Form::Alias {
            let message = format!("an alias repeats the value of {key}; write the value out");
            return Err(SourceError::at(source, tree.span(value).start, message));
        }
        let in_flow = tree.node(list).form.is_flow();
        let end = tree.span(name).end;
        let colon = skip_blanks(source.as_bytes(), end);
        if source.as_bytes().get(colon) != Some(&b':') {
            return Err(SourceError::at(source, end, format!("write {key} as `{key}: …`")));
        }
        let column = if in_flow { 0 } else { self.page.mapping_column(list)? };
        Ok(Some(Slot {
            node: value,
            kind: SlotKind::MappingValue,
            behind_indicator: colon + 1,
            column,
            in_flow,
        }))
    }

    /// Puts results after those of functions before this one; one that is there already, from an
    /// earlier run, is not repeated.
    pub(crate) fn add_results(
        &self,
        results: &[Value],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        if results.is_empty() {
            return Ok(());
        }
        let slot = self.slot("results")?;
        let known = self.known_results(slot)?;
        let is_new = |result: &&Value| {
            known.get(&result["message"]).is_none_or(|known| !known.contains(result))
        };
        let new: Vec<&Value> = results.iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(());
        }
        emit::check_keys(&new).map_err(|error| SourceError::at(self.page.source, 0, error))?;
        if let Some(slot) = slot.filter(|_| !known.is_empty()) {
            rewrite.push(self.page.append(slot.node, &new, self.style)?);
            return Ok(());
        }
        let value = Value::Array(new.into_iter().cloned().collect());
        match slot {
            Some(slot) => rewrite.push(self.page.replace(slot, &value, self.style)),
            // As the list's first line ends, whatever happens to its objects.
            None => {
                let list = self.list.list;
                let near = self.page.tree.span(list).start;
                let splice =
                    self.page.add_entry_as_at(near, list, "results", &value, self.style)?;
                rewrite.put_after(splice, self.ranges);
            }
        }
        Ok(())
    }

    /// The results that are there, by their messages.
    fn known_results(&self, slot: Option<Slot>) -> Result<HashMap<Value, Vec<Value>>, SourceError> {
        let mut known: HashMap<Value, Vec<Value>> = HashMap::new();
        let node = slot.map(|slot| self.page.node(slot.node));
        let Some(node) = node.filter(|node: &NodeRef<'_>| !node.is_null()) else {
            return Ok(known);
        };
        let value = node.value().map_err(|error| SourceError {
            position: error.position,
            message: format!("results: {}", error.message),
        })?;
        let Value::Array(results) = value else {
            let start = self.page.tree.span(node.id).start;
            return Err(SourceError::at(self.page.source, start, "results must be a list"));
        };
        for result in results {
            known.entry(result["message"].clone()).or_default().push(result);
        }
        Ok(known)
    }
}
