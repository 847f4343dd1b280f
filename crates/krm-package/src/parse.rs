//! Source to tree, through `granit-parser`'s events. Nothing else names that crate.
//!
//! Its events say what stands where, but not always from which byte to which: a block scalar's
//! span leaves its header out, an empty value has none, a block sequence starts behind its first
//! dash. This module walks the text between two nodes, so that every span of the tree is exact,
//! and refuses where the two do not agree.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::build::{Builder, Parsed};
use super::error::SourceError;
use super::skim;
use super::tree::{Form, Properties, Tree};
use super::unicode_breaks::refuse_unicode_breaks;

/// More than any manifest; the stack and the time of a parse stay small.
const MAX_DEPTH: usize = 250;

/// Reads a YAML stream.
///
/// The common way of writing goes past the parser, through [`skim`]; what that leaves, and every
/// text with an error, is the parser's.
///
/// # Errors
/// What no YAML reader takes, duplicate keys, aliases that expand without measure, nesting of more
/// than 250, and text of 4 GiB or more.
pub(super) fn parse(source: &str) -> Result<Tree, SourceError> {
    if u32::try_from(source.len()).is_err() {
        return Err(SourceError::at(source, 0, "the text has 4 GiB or more; split it"));
    }
    let tree = match skim::read(source) {
        Some(skimmed) => skimmed.tree,
        None => parse_events(source)?,
    };
    refuse_open_blanks(source, &tree)?;
    Ok(tree)
}

/// Where the text ends in a line of blanks that no line break ends, and that stands further in than the
/// block scalar above it, Go's readers take the line for text, and others do not.
fn refuse_open_blanks(source: &str, tree: &Tree) -> Result<(), SourceError> {
    let Some(last) = tree.nodes.last().filter(|last| last.form.is_block_scalar()) else {
        return Ok(());
    };
    let behind = &source[last.end as usize..];
    let Some((_, line)) = behind.rsplit_once('\n') else { return Ok(()) };
    let indent = usize::from(last.indent);
    let is_blank = behind.bytes().all(|byte| byte.is_ascii_whitespace());
    if !is_blank || indent == 0 || line.len() <= indent {
        return Ok(());
    }
    let message = "some readers take these blanks for text of the scalar above; end the line, or leave it out";
    Err(SourceError::at(source, source.len() - line.len(), message))
}

/// Reads a YAML stream of less than 4 GiB, all of it through the parser.
pub(super) fn parse_events(source: &str) -> Result<Tree, SourceError> {
    let mut builder = Builder::new(source);
    Reader::new(source, 0, &mut builder).read(source, MAX_DEPTH, |_| Part::Node)?;
    Ok(builder.finish())
}

/// Reads one document of a stream, from its `---`, or the stream's start, to before the next one's.
///
/// # Errors
/// What [`parse`] refuses, and a piece that is not one document.
pub(super) fn parse_document<'s>(
    builder: &mut Builder<'s>,
    source: &'s str,
    piece: Range<usize>,
) -> Result<(), SourceError> {
    let mut documents = 0;
    Reader::new(source, piece.start, builder).read(&source[piece.clone()], MAX_DEPTH, |event| {
        documents += usize::from(matches!(event, Event::DocumentStart(..)));
        Part::Node
    })?;
    if documents == 1 { Ok(()) } else { Err(SourceError::at(source, piece.start, "")) }
}

/// Reads one entry of the block sequence that is open in the builder, `depth` collections deep with
/// it: its lines from the dash's to before the next entry's.
///
/// # Errors
/// What [`parse`] refuses, and a piece that is not one entry.
pub(super) fn parse_entry<'s>(
    builder: &mut Builder<'s>,
    source: &'s str,
    piece: Range<usize>,
    depth: usize,
) -> Result<(), SourceError> {
    let lost = || SourceError::at(source, piece.start, "");
    let max_depth = (MAX_DEPTH + 1).checked_sub(depth).ok_or_else(lost)?;
    let mut depth = 0;
    let mut entries = 0;
    Reader::new(source, piece.start, builder).read(&source[piece.clone()], max_depth, |event| {
        let part = match (event, depth) {
            // The piece's own document and sequence are those that are open.
            (Event::SequenceStart(StructureStyle::Block, 0, None), 0) if entries == 0 => {
                Part::Frame
            }
            (Event::SequenceEnd, 1) => Part::Frame,
            (Event::StreamStart | Event::StreamEnd, 0) => Part::Frame,
            (Event::DocumentStart(false, None) | Event::DocumentEnd, 0) => Part::Frame,
            (_, 0) => Part::Stray,
            _ => Part::Node,
        };
        entries += usize::from(depth == 1 && event.is_node());
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            _ => {}
        }
        part
    })?;
    if entries == 1 { Ok(()) } else { Err(lost()) }
}

/// What an event is to the piece of a text that is read.
enum Part {
    /// Of its content.
    Node,
    /// Of what stands around it.
    Frame,
    /// Nothing that belongs there.
    Stray,
}

/// Where a node's place begins, and where its own text does.
struct Lead {
    behind_indicator: usize,
    content: usize,
}

struct Reader<'s, 'b> {
    source: &'s str,
    /// Where the piece that the parser reads begins.
    base: usize,
    builder: &'b mut Builder<'s>,
    /// Everything before is placed.
    cursor: usize,
    properties: Properties,
}

impl<'s, 'b> Reader<'s, 'b> {
    fn new(source: &'s str, base: usize, builder: &'b mut Builder<'s>) -> Self {
        Self { source, base, builder, cursor: base, properties: Properties::default() }
    }

    fn read(
        mut self,
        piece: &str,
        max_depth: usize,
        mut part: impl FnMut(&Event<'_>) -> Part,
    ) -> Result<(), SourceError> {
        // Only here: the fast reader takes none of them.
        refuse_unicode_breaks(piece)?;
        let mut options = granit_parser::Options::default();
        options.emit_comments = false;
        options.emit_anchor_events = true;
        options.block_scalar_eof_without_line_feed = true;
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = max_depth;
        let mut pending: Option<(Event<'_>, granit_parser::Span)> = None;
        // An anchor's place comes behind its node: hold each node until the next event is seen.
        for event in Parser::new_from_str_with_options(piece, options) {
            let (event, span) = event.map_err(|error| {
                let offset = error.marker().byte_offset().unwrap_or(piece.len());
                let found = match error.info() {
                    limit if limit == "recursion limit exceeded" => {
                        "nested more than 250 deep".to_owned()
                    }
                    other => other,
                };
                SourceError::at(self.source, self.base + offset, found)
            })?;
            if let Event::Anchor(..) = event {
                self.properties.anchor = self.range(&span);
                continue;
            }
            if let Some((event, span)) = pending.replace((event, span)) {
                match part(&event) {
                    Part::Node => self.node(&event, &span)?,
                    Part::Frame if self.properties == Properties::default() => {}
                    _ => return Err(self.lost(self.cursor)),
                }
            }
        }
        Ok(())
    }

    fn range(&self, span: &granit_parser::Span) -> Option<Range<u32>> {
        let range = span.byte_range()?;
        Some((self.base + range.start) as u32..(self.base + range.end) as u32)
    }

    fn node(&mut self, event: &Event<'_>, span: &granit_parser::Span) -> Result<(), SourceError> {
        let Some(at) = span.byte_range() else {
            return Err(self.lost(self.cursor));
        };
        let at = self.base + at.start..self.base + at.end;
        self.properties.tag = span.tag_span().and_then(|span| self.range(&span));
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let lead = self.lead(*anchor)?;
                let node = self.scalar(*style, lead, &at, span, *anchor, text)?;
                self.cursor = node.end;
                self.builder.scalar(&node, text);
            }
            Event::Alias(anchor) => {
                let start = self.lead(0)?.content;
                if start != at.start {
                    return Err(self.lost(at.start));
                }
                self.cursor = at.end;
                self.builder.alias(&Parsed::plain(Form::Alias, start, at.end), *anchor)?;
            }
            Event::SequenceStart(style, anchor, _) => self.open(*style, '[', *anchor, &at)?,
            Event::MappingStart(style, anchor, _) => self.open(*style, '{', *anchor, &at)?,
            Event::SequenceEnd | Event::MappingEnd => {
                let flow = self.builder.parent().is_some_and(|id| self.builder.form(id).is_flow());
                if flow && at.is_empty() {
                    // The one pair of `[a: b]` is a mapping without brackets.
                    self.builder.close(None)?;
                } else if flow {
                    self.cursor = at.end;
                    self.builder.close(Some(at.end))?;
                } else {
                    self.builder.close(None)?;
                }
            }
            Event::DocumentStart(true, _) => self.cursor = at.end,
            Event::DocumentEnd => {
                if self.source[at.clone()] == *"..." {
                    self.cursor = at.end;
                }
                self.builder.end_document();
            }
            _ => {}
        }
        Ok(())
    }

    fn open(
        &mut self,
        style: StructureStyle,
        bracket: char,
        anchor: usize,
        at: &Range<usize>,
    ) -> Result<(), SourceError> {
        let start = self.lead(anchor)?.content;
        let form = match (style, bracket) {
            (StructureStyle::Block, '[') => Form::BlockSequence,
            (StructureStyle::Block, _) => Form::BlockMapping,
            (StructureStyle::Flow, '[') => Form::FlowSequence,
            (StructureStyle::Flow, _) => Form::FlowMapping,
        };
        let written = self.source[start..].chars().next();
        let expected = match form {
            Form::BlockMapping => None,
            Form::BlockSequence => Some('-'),
            _ => Some(bracket),
        };
        // The one pair of `[a: b]` has no brackets of its own; the key may have some.
        let single_pair = form == Form::FlowMapping && (written != Some('{') || at.is_empty());
        if expected.is_some() && written != expected && !single_pair {
            return Err(self.lost(start));
        }
        let properties = std::mem::take(&mut self.properties);
        self.cursor = if form.is_flow() && !single_pair { start + 1 } else { start };
        self.builder.open(&Parsed { properties, anchor, ..Parsed::plain(form, start, start) });
        if single_pair {
            self.builder.mark_explicit_key();
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        style: ScalarStyle,
        lead: Lead,
        at: &Range<usize>,
        span: &granit_parser::Span,
        anchor: usize,
        text: &str,
    ) -> Result<Parsed, SourceError> {
        let properties = std::mem::take(&mut self.properties);
        let start = lead.content;
        if style == ScalarStyle::Plain && at.is_empty() {
            let place = lead.behind_indicator;
            return Ok(Parsed { properties, anchor, ..Parsed::plain(Form::Empty, place, place) });
        }
        let (form, end) = match style {
            ScalarStyle::Plain => (Form::Plain, at.end),
            ScalarStyle::SingleQuoted => (Form::SingleQuoted, at.end),
            ScalarStyle::DoubleQuoted => (Form::DoubleQuoted, at.end),
            ScalarStyle::Literal => (Form::Literal, at.end),
            ScalarStyle::Folded => (Form::Folded, at.end),
        };
        let mut node = Parsed { properties, anchor, ..Parsed::plain(form, start, end) };
        if form.is_block_scalar() {
            let indicator = if form == Form::Literal { '|' } else { '>' };
            if !self.source[start..].starts_with(indicator) || at.start < start {
                return Err(self.lost(start));
            }
            // The parser gives none where it takes a no-break space for a blank.
            node.indent =
                span.indent.unwrap_or_else(|| block_scalar_indent(&self.source[start..at.end]));
            if node.indent == 0 && text.contains(|letter| letter != '\n') {
                return Err(SourceError::at(
                    self.source,
                    start,
                    "some readers take the lines of this scalar for its text and others do not; indent them",
                ));
            }
            let header = self.source[start..].lines().next().unwrap_or_default();
            node.end = if text.is_empty() {
                start + header.trim_end_matches([' ', '\t']).len()
            } else {
                block_scalar_end(self.source, start, at.end, node.indent, keeps(header))
            };
        } else if start != at.start {
            return Err(self.lost(at.start));
        }
        Ok(node)
    }

    /// Walks from the cursor over blanks, comments and the one indicator (`:`, `-`, `,`, `?`) that
    /// leads to the next node, and over its anchor and tag, to its first byte.
    fn lead(&mut self, anchor: usize) -> Result<Lead, SourceError> {
        let parent = self.builder.parent().map(|id| self.builder.form(id));
        let at_key = self.builder.at_key();
        let mut at = self.cursor;
        let wanted = match parent {
            Some(Form::BlockSequence) => Some(b'-'),
            Some(form) if form.is_mapping() && !at_key => Some(b':'),
            _ => None,
        };
        let bytes = self.source.as_bytes();
        let mut behind_indicator = at;
        loop {
            at = skip_blanks(bytes, at);
            match bytes.get(at) {
                Some(b',') if parent.is_some_and(Form::is_flow) && (at_key || wanted.is_none()) => {
                    at += 1;
                }
                Some(b'?') if at_key && is_separated(bytes, at + 1) => {
                    self.builder.mark_explicit_key();
                    at += 1;
                }
                _ => break,
            }
            behind_indicator = at;
        }
        if let Some(wanted) = wanted {
            // In a block, what a blank does not follow begins a scalar: `:a` behind a key without value.
            let is_indicator = parent.is_some_and(Form::is_flow) || is_separated(bytes, at + 1);
            if bytes.get(at) == Some(&wanted) && is_indicator {
                at += 1;
                behind_indicator = at;
                at = skip_blanks(bytes, at);
            } else if wanted == b'-' {
                return Err(self.lost(at));
            }
        }
        let written = [&self.properties.anchor, &self.properties.tag];
        if anchor == 0 && self.properties.anchor.is_some() {
            return Err(self.lost(at));
        }
        let first = written.into_iter().flatten().map(|range| range.start as usize).min();
        let ends = written.into_iter().flatten().map(|range| range.end as usize).max();
        // What stands before them is known: `...` where no document is open is not.
        if first.is_some_and(|first| first != at) {
            return Err(self.lost(at));
        }
        if let Some(end) = ends {
            behind_indicator = end;
            at = skip_blanks(bytes, end);
        }
        Ok(Lead { behind_indicator, content: at })
    }

    fn lost(&self, offset: usize) -> SourceError {
        SourceError::at(
            self.source,
            offset,
            "this way of writing can't be placed to the byte; write it as plain `key: value` or `- entry` lines",
        )
    }
}

fn keeps(header: &str) -> bool {
    header.split('#').next().is_some_and(|header| header.contains('+'))
}

/// How far in the first line of a block scalar stands that has more than blanks.
fn block_scalar_indent(text: &str) -> usize {
    let blanks = |line: &str| line.bytes().take_while(|byte| *byte == b' ').count();
    let line = text.lines().skip(1).find(|line| blanks(line) < line.len());
    line.map_or(0, blanks)
}

/// The end of a block scalar's text: without its last line break, and, but for `|+`, without the
/// blank lines behind it.
pub(super) fn block_scalar_end(
    source: &str,
    start: usize,
    end: usize,
    indent: usize,
    keep: bool,
) -> usize {
    let mut text = &source[start..end];
    // The parser's span may reach over the blanks before the next key.
    let last_line = text.rfind('\n').map_or(0, |at| at + 1);
    if last_line > 0 && text[last_line..].bytes().all(|byte| byte == b' ') {
        text = &text[..last_line];
    }
    text = strip_line_break(text);
    if keep {
        return start + text.len();
    }
    loop {
        let line_start = text.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].trim_end_matches('\r');
        if line_start == 0 || line.len() > indent || !line.bytes().all(|byte| byte == b' ') {
            break;
        }
        text = strip_line_break(&text[..line_start]);
    }
    start + text.len()
}

fn strip_line_break(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn is_separated(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Skips blanks, line breaks and comments.
pub(super) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => {
                at +=
                    bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            }
            // Elsewhere it would shift the columns of its line for some readers.
            Some(0xEF) if at == 0 && bytes.starts_with("\u{feff}".as_bytes()) => at += 3,
            _ => return at,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scalar;

    /// Every node of the tree says what the parser's event says.
    pub(crate) fn assert_agrees_with_events(source: &str, tree: &Tree) {
        let mut options = granit_parser::Options::default();
        options.emit_comments = false;
        options.block_scalar_eof_without_line_feed = true;
        let mut nodes = tree.nodes.iter();
        for event in Parser::new_from_str_with_options(source, options) {
            let (event, span) = event.unwrap();
            if !event.is_node() && !matches!(event, Event::Alias(_)) {
                continue;
            }
            let node = nodes.next().expect("a node for every event");
            let raw = &source[node.start as usize..node.end as usize];
            match event {
                Event::Scalar(text, ..) if node.form == Form::Empty => assert_eq!(text, "~"),
                Event::Scalar(text, ..) => {
                    assert_eq!(scalar::text(source, node), text, "{:?} {raw:?}", node.form);
                    if !node.form.is_block_scalar() {
                        assert_eq!(span.slice(source), Some(raw));
                    }
                }
                Event::Alias(_) => assert_eq!(node.form, Form::Alias),
                Event::SequenceStart(..) => {
                    assert!(node.form.is_sequence() && (raw.starts_with(['-', '['])))
                }
                _ => assert!(node.form.is_mapping()),
            }
        }
        assert!(nodes.next().is_none());
    }

    #[test]
    fn spans_are_exact() {
        let source = "%YAML 1.2\n---\n# head\na: &x 1 # c\nb:   # empty\nc: !!str foo\nd: | # hdr\n  text\n   more\n\ne: >-\n  fold\n  ed\n\n   more\n  \n  x\nf:\n- 1\n-\n- - x\n  - y\n- k: v\n  l: *x\n- ! &q \"dq\\n\n   c\\x41ont \\\n   z\"\ng: {a: 1, b, \"c\":2, d: , e: [1,2,], f: [g: 1, ? h : i]}\n? complex\n: value\n? only\nh: plain\n  multi\n\n  line\ni: |+\n  keep\n\nj: ~\nk: 'it''s'\n&anch l: |2\n    deep\n m: bad\n";
        let source = &source.replace(" m: bad\n", "");
        let tree = parse(source).unwrap();
        assert_agrees_with_events(source, &tree);
        let empties: Vec<_> = tree
            .nodes
            .iter()
            .filter(|node| node.form == Form::Empty)
            .map(|node| &source[node.start as usize - 1..node.start as usize])
            .collect();
        assert_eq!(empties, [":", "-", "b", ":", "y"]);
    }

    #[test]
    fn a_pair_whose_key_has_brackets_begins_where_its_key_does() {
        for source in ["a: [{b: c}: d]\n", "a: [[b]: d, ? {b: c} : d]\n", "a: [{}: , {}]\n"] {
            let tree = parse(source).unwrap();
            assert_agrees_with_events(source, &tree);
            let spans: Vec<_> =
                tree.nodes[2..5].iter().map(|node| (node.start, node.form)).collect();
            assert_eq!(spans[0], (3, Form::FlowSequence), "{source}");
            assert_eq!(spans[1], (4, Form::FlowMapping), "{source}");
            assert_eq!(spans[2].0, 4, "{source}");
        }
    }

    #[test]
    fn a_colon_that_begins_a_key_leads_to_no_value() {
        let source = "? a\n:b: c\n";
        let tree = parse(source).unwrap();
        assert_agrees_with_events(source, &tree);
        assert_eq!((tree.nodes[2].form, tree.nodes[2].start), (Form::Empty, 3));
    }

    #[test]
    fn every_file_of_the_corpora_is_placed() {
        for file in test_support::corpora::files() {
            let tree = parse(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
            assert_agrees_with_events(&file.text, &tree);
        }
    }

    #[test]
    fn refuses_with_a_place() {
        for (source, place, words) in [
            ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "line 1, column 1"),
            ("a: [1, 2\n", "line 1, column 4", "unclosed"),
            ("a: &a [*a]\n", "line 1, column 8", "inside the node"),
            ("a: *b\n", "line 1, column 4", ""),
            ("a: 1\n\u{feff}---\n", "line 2, column 1", "byte-order mark"),
            ("|\n# b\n", "line 1, column 1", "indent them"),
            ("'a': 1\n\"\\x61\": 2\n", "line 2, column 1", "stands already"),
        ] {
            let error = parse(source).unwrap_err().to_string();
            assert!(error.starts_with(place) && error.contains(words), "{source:?}: {error}");
        }
    }

    #[test]
    fn alias_bombs_and_deep_nesting_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let row = format!("*a{}, ", level - 1).repeat(9);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", row.trim_end_matches(", ")));
        }
        assert!(parse(&bomb).unwrap_err().message.contains("1,000,000"));
        for deep in ["[".repeat(10_000), "- ".repeat(10_000), "{a: ".repeat(10_000)] {
            assert!(parse(&deep).is_err());
        }
    }
}
