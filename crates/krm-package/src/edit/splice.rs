//! One change of a text: where, and what is there then.

use std::ops::Range;

use serde_json::Value;

use super::emit::{self, Style, Written};
use super::page::{Page, Slot, SlotKind};
use crate::error::SourceError;
use crate::flow::flow;
use crate::syntax::lines;
use crate::syntax::tree::{Form, NodeId};

/// A range of a text and what replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Splice {
    pub(super) fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }

    pub(super) fn delete(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }

    /// A part of the source with the change in it.
    pub(super) fn apply_to(&self, source: &str, part: Range<usize>) -> String {
        [&source[part.start..self.range.start], &self.text, &source[self.range.end..part.end]]
            .concat()
    }
}

impl Page<'_> {
    /// Puts a value in the place of a node's.
    ///
    /// `indicator` is the place right after the `:` or the `-` that leads to the node.
    pub(crate) fn replace(&self, slot: Slot, value: &Value, style: Style) -> Splice {
        let old = self.tree.node(slot.node);
        let span = self.tree.outer_span(slot.node);
        if slot.in_flow {
            let is_bare = old.form == Form::Empty && slot.behind_indicator == span.start;
            let blank = match self.source[..span.start].ends_with(':') {
                true if is_bare => " ",
                // `{key, other: 1}`
                false if is_bare && slot.kind == SlotKind::MappingValue => ": ",
                _ => "",
            };
            return Splice { range: span, text: format!("{blank}{}", flow(value)) };
        }
        // What comes after the value ends its last line then, and the next run must see no other.
        let style = self.as_around(span.end, slot.column, style);
        let comment = self.comment_of(slot.node, slot.behind_indicator);
        let from_indicator = slot.behind_indicator..span.end;
        if emit::takes_lines(value) {
            // A blank or a comment after the old value comes after the last line of the new one.
            let ends_its_line = self.line_end(span.end) == span.end;
            let style = Style { literals: style.literals && ends_its_line, ..style };
            let text = match slot.kind {
                SlotKind::MappingValue => {
                    let mut text = String::new();
                    emit::push_value(value, slot.column, style, &mut text);
                    text
                }
                SlotKind::SequenceEntry => {
                    format!(" {}", emit::block(value, slot.column + 2, style))
                }
                SlotKind::Root => {
                    return Splice { range: span, text: emit::block(value, slot.column, style) };
                }
            };
            let comment = match slot.kind {
                SlotKind::MappingValue => comment,
                _ => String::new(),
            };
            return Splice { range: from_indicator, text: format!("{comment}{text}") };
        }
        let line_is_its_own =
            self.source[span.end..self.line_end(span.end)].trim_ascii().is_empty();
        if slot.kind == SlotKind::MappingValue
            && line_is_its_own
            && let Some(lines) = emit::literal(value, slot.column, style)
        {
            let (header, lines) = lines.split_once('\n').unwrap_or((&lines, ""));
            let text = format!(" {header}{comment}\n{lines}");
            return Splice { range: slot.behind_indicator..self.line_end(span.end), text };
        }
        let text = emit::inline(value);
        let same_place = !self.starts_below(slot.node, slot.behind_indicator)
            && !old.form.is_block_scalar()
            && old.form != Form::Empty;
        if same_place || slot.kind == SlotKind::Root {
            return Splice { range: span, text };
        }
        Splice { range: from_indicator, text: format!(" {text}{comment}") }
    }

    /// Adds a key after the last of a mapping that has one.
    pub(crate) fn add_entry(
        &self,
        mapping: NodeId,
        key: &str,
        value: &Value,
        style: Style,
    ) -> Result<Splice, SourceError> {
        let end = self.tree.entries(mapping).last().map(|(_, last)| self.tree.span(last).end);
        self.add_entry_as_at(end.unwrap_or(0), mapping, key, value, style)
    }

    /// The same, with lines that end as the one at an offset does.
    pub(crate) fn add_entry_as_at(
        &self,
        near: usize,
        mapping: NodeId,
        key: &str,
        value: &Value,
        style: Style,
    ) -> Result<Splice, SourceError> {
        let Some((last_key, last_value)) = self.tree.entries(mapping).last() else {
            let text = format!("{}: {}", flow(&Value::from(key)), flow(value));
            return Ok(Splice::insert(self.tree.span(mapping).start + 1, text));
        };
        if self.tree.node(mapping).form.is_flow() {
            let text = format!("{}: {}", flow(&Value::from(key)), flow(value));
            let at = self.tree.span(last_value).end;
            let blank = self.blank_after_colon(at);
            return Ok(Splice::insert(at, format!("{blank},{}{text}", self.gap_before(last_key))));
        }
        let column = self.mapping_column(mapping)?;
        let end = self.tree.span(last_value).end;
        let Style { literals, .. } = self.as_around(end, column, style);
        let style = Style { literals, ..self.as_around(near, column, style) };
        let mut text = String::new();
        emit::push_entry(key, value, column, style, &mut text);
        self.insert_lines(end, column, std::iter::once(text), style)
    }

    /// Adds an entry to a sequence that has one, before `place` or after the last.
    pub(crate) fn add_element(
        &self,
        sequence: NodeId,
        place: usize,
        value: &Value,
        style: Style,
    ) -> Result<Splice, SourceError> {
        let entries: Vec<NodeId> = self.tree.children(sequence).collect();
        let Some(behind) = entries.get(place).copied() else {
            return self.append(sequence, &[value], style);
        };
        if self.tree.node(sequence).form.is_flow() {
            let text = format!("{},{}", flow(value), self.gap_before(behind));
            return Ok(Splice::insert(self.tree.outer_span(behind).start, text));
        }
        let column = self.column(self.tree.span(sequence).start);
        let style = self.as_around(self.tree.span(behind).start, column, style);
        let text = emit::block(value, column + 2, style);
        let further = format!("{}{}", style.line_break, " ".repeat(column));
        let dash = self.dash(sequence, &entries, place)?;
        Ok(Splice::insert(dash, format!("- {text}{further}")))
    }

    /// Adds entries after the last of a sequence.
    pub(crate) fn append<V: Written>(
        &self,
        sequence: NodeId,
        values: &[&V],
        style: Style,
    ) -> Result<Splice, SourceError> {
        let last = self.tree.children(sequence).last();
        if self.tree.node(sequence).form.is_flow() {
            let texts = values.iter().map(|value| value.flow());
            let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
            return Ok(match last {
                None => Splice::insert(self.tree.span(sequence).start + 1, texts.join(", ")),
                Some(last) => {
                    let gap = self.gap_before(last);
                    let texts = texts.iter().map(|text| format!(",{gap}{text}"));
                    Splice::insert(self.tree.span(last).end, texts.collect())
                }
            });
        }
        let end = self.tree.span(last.unwrap_or(sequence)).end;
        let column = self.column(self.tree.span(sequence).start);
        let style = self.as_around(end, column, style);
        let entry = |value: &&V| {
            let mut text = "- ".to_owned();
            value.push_block(column + 2, style, &mut text)?;
            Ok::<_, SourceError>(text)
        };
        let texts: Vec<String> = values.iter().map(entry).collect::<Result<_, _>>()?;
        self.insert_lines(end, column, texts.into_iter(), style)
    }

    /// Removes a key and its value; a mapping that had no other becomes `{}`.
    pub(crate) fn remove_entry(
        &self,
        mapping: NodeId,
        place: usize,
        slot: Slot,
    ) -> Result<Splice, SourceError> {
        let entries: Vec<_> = self.tree.entries(mapping).collect();
        if entries.len() == 1 {
            return Ok(self.replace(
                slot,
                &Value::Object(serde_json::Map::new()),
                Style::default(),
            ));
        }
        let spans: Vec<Range<usize>> = entries
            .iter()
            .map(|(key, value)| self.tree.outer_span(*key).start..self.tree.span(*value).end)
            .collect();
        Ok(if self.tree.node(mapping).form.is_flow() {
            self.remove_flow(&spans, place)
        } else {
            self.remove_lines(spans[place].clone())
        })
    }

    /// Removes an entry; a sequence that had no other becomes `[]`.
    pub(crate) fn remove_element(
        &self,
        sequence: NodeId,
        place: usize,
        slot: Slot,
    ) -> Result<Splice, SourceError> {
        let entries: Vec<NodeId> = self.tree.children(sequence).collect();
        if entries.len() == 1 {
            return Ok(self.replace(slot, &Value::Array(Vec::new()), Style::default()));
        }
        if !self.tree.node(sequence).form.is_flow() {
            return self.remove_block_element(sequence, &entries, place);
        }
        let spans: Vec<Range<usize>> =
            entries.iter().map(|entry| self.tree.outer_span(*entry)).collect();
        Ok(self.remove_flow(&spans, place))
    }

    /// Removes a block sequence's entry, one of several; `entries` are all of them.
    pub(crate) fn remove_block_element(
        &self,
        sequence: NodeId,
        entries: &[NodeId],
        place: usize,
    ) -> Result<Splice, SourceError> {
        let dash = self.dash(sequence, entries, place)?;
        Ok(self.remove_lines(dash..self.tree.span(entries[place]).end))
    }

    fn remove_flow(&self, spans: &[Range<usize>], place: usize) -> Splice {
        Splice::delete(match spans.get(place + 1) {
            Some(next) => spans[place].start..next.start,
            None => {
                let end = spans[place - 1].end;
                let blank = self.blank_after_colon(end);
                return Splice { range: end..spans[place].end, text: blank.to_owned() };
            }
        })
    }

    fn remove_lines(&self, span: Range<usize>) -> Splice {
        let mut line_start = self.line_start(span.start).max(self.from);
        if self.source[line_start..].starts_with('\u{feff}') {
            line_start += '\u{feff}'.len_utf8();
        }
        let line_end = self.line_end(span.end);
        let begins_its_line = self.source[line_start..span.start].bytes().all(|byte| byte == b' ');
        if !begins_its_line {
            // `- a: 1` or `- - x`: what comes next moves up after the dash.
            let next = self.source[line_end..].find(|c: char| !c.is_ascii_whitespace());
            return Splice::delete(span.start..next.map_or(line_end, |next| line_end + next));
        }
        match self.after_line_break(line_end) {
            Some(next_line) => Splice::delete(line_start..next_line),
            None => Splice::delete(lines::before_line_break(self.source, line_start)..line_end),
        }
    }

    /// Puts lines below the line that holds an offset.
    fn insert_lines(
        &self,
        offset: usize,
        column: usize,
        texts: impl Iterator<Item = String>,
        style: Style,
    ) -> Result<Splice, SourceError> {
        let line_end = self.line_end(offset);
        let blanks = " ".repeat(column);
        let line_break = style.line_break;
        if let Some(next) = self.after_line_break(line_end) {
            let lines = texts.map(|text| format!("{blanks}{text}{line_break}"));
            return Ok(Splice::insert(next, lines.collect()));
        }
        self.check_line_can_end(line_end)?;
        let lines = texts.map(|text| format!("{line_break}{blanks}{text}"));
        Ok(Splice::insert(line_end, lines.collect()))
    }
}
