//! Tokens to nodes, by the grammar of Go's readers (go.yaml.in/yaml/v2 and v3, `parserc.go`).
//!
//! Two rules are added, for what their callers do with a stream: kubectl cuts it at lines that begin
//! with `---` before a parser sees it (k8s.io/apimachinery, `pkg/util/yaml/decoder.go`), kustomize and
//! kpt as well (kyaml, `kio/byteio_reader.go`), and all of them read the first document of a piece and
//! drop what follows. A text in which that makes a difference is refused.

mod flow;
mod texts;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::build::{Builder, Parsed};
use super::json;
use super::scalar;
use super::scan::{Fault, Kind, Scanned, Scanner, Token};
use super::tree::{Form, Marks, Node, Properties};
use crate::error::SourceError;

pub(crate) use texts::compose;
pub(super) use texts::{parse_document, parse_entry, parse_first};

/// What may be in a mapping's or a sequence's place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Block,
    /// The value of a block mapping's key: a sequence may be in the key's column.
    BlockValue,
    Flow,
}

pub(super) struct Composer<'s, 'b> {
    source: &'s str,
    scanner: Scanner<'s>,
    builder: &'b mut Builder<'s>,
    /// Right after the last token that is written.
    behind: usize,
    depth: usize,
    max_depth: usize,
    /// Whether the whole text is JSON objects; read once, however many there are.
    is_json_stream: OnceCell<bool>,
}

impl<'s, 'b> Composer<'s, 'b> {
    pub(super) fn new(
        source: &'s str,
        piece: Range<usize>,
        builder: &'b mut Builder<'s>,
        max_depth: usize,
    ) -> Self {
        let scanner = Scanner::new(source, piece.start, piece.end);
        Self {
            source,
            scanner,
            builder,
            behind: piece.start,
            depth: 0,
            max_depth,
            is_json_stream: OnceCell::new(),
        }
    }

    /// Reads a stream of documents.
    pub(super) fn stream(mut self) -> Result<(), SourceError> {
        self.documents().map_err(|fault| self.place(fault))
    }

    /// Reads the first document, and leaves what follows it.
    pub(super) fn first_document(mut self) -> Result<(), SourceError> {
        self.first().map_err(|fault| self.place(fault))
    }

    /// Reads the one entry of a block sequence that is open already.
    pub(super) fn entry(mut self) -> Result<(), SourceError> {
        self.only_entry().map_err(|fault| self.place(fault))
    }

    fn place(&self, fault: Fault) -> SourceError {
        match fault {
            Fault::At { offset, message } => SourceError::at(self.source, offset, message),
            Fault::Placed(error) => error,
        }
    }

    fn first(&mut self) -> Scanned<()> {
        let marker = self.scanner.peek()?;
        if marker.kind == Kind::DocumentStart {
            self.take(marker)?;
        }
        match self.scanner.peek()?.kind {
            Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd => Ok(()),
            _ => self.node(Context::Block),
        }
    }

    fn only_entry(&mut self) -> Scanned<()> {
        self.expect(Kind::BlockSequenceStart)?;
        self.expect(Kind::BlockEntry)?;
        match self.scanner.peek()?.kind {
            Kind::BlockEntry | Kind::BlockEnd => self.empty(Properties::default(), None),
            _ => self.node(Context::Block)?,
        }
        self.expect(Kind::BlockEnd)?;
        self.expect(Kind::StreamEnd)
    }

    fn expect(&mut self, kind: Kind) -> Scanned<()> {
        let token = self.scanner.peek()?;
        if token.kind == kind { self.take(token) } else { self.fault(token.start, "") }
    }

    fn documents(&mut self) -> Scanned<()> {
        let mut roots = 0;
        loop {
            let first = self.scanner.peek()?;
            match first.kind {
                Kind::StreamEnd => return Ok(()),
                Kind::DocumentStart => {
                    self.check_marker_line(first)?;
                    self.take(first)?;
                }
                Kind::DocumentEnd => {
                    let message = "`...` does not end a document here; remove it";
                    return self.fault(first.start, message);
                }
                _ if roots > 0 => self.check_json_goes_on(first)?,
                _ => {}
            }
            let begin = self.scanner.peek()?;
            match begin.kind {
                Kind::DocumentStart | Kind::StreamEnd => self.empty(Properties::default(), None),
                Kind::DocumentEnd => {
                    let message = "`...` does not end a document here; remove it";
                    return self.fault(begin.start, message);
                }
                _ => self.node(Context::Block)?,
            }
            self.builder.end_document();
            roots += 1;
            let end = self.scanner.peek()?;
            if end.kind == Kind::DocumentEnd {
                self.check_end_marker(end)?;
                self.take(end)?;
            }
        }
    }

    /// kubectl and kyaml take no value after a `---`.
    fn check_marker_line(&self, marker: Token) -> Scanned<()> {
        let rest = &self.source[marker.end..];
        let rest = rest.find('\n').map_or(rest, |end| &rest[..end]).trim_ascii();
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(());
        }
        let message =
            "kubectl and kpt read no value on the line of a `---`; write it on lines below";
        self.fault(marker.start, message)
    }

    /// After a `...` a reader that cuts at `---` reads no document.
    fn check_end_marker(&mut self, marker: Token) -> Scanned<()> {
        let rest = &self.source[marker.end..];
        let mut lines = rest.split('\n').map(str::trim_ascii);
        let is_alone = lines.next().is_none_or(|line| line.is_empty() || line.starts_with('#'));
        let next = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        if is_alone && next.is_none_or(|line| line.starts_with("---")) {
            return Ok(());
        }
        let message = "kubectl, kustomize and kpt read nothing after a `...`; write `---` instead";
        self.fault(marker.start, message)
    }

    /// A stream that begins with a JSON object is JSON to kubectl, where objects need nothing between
    /// them.
    fn check_json_goes_on(&self, token: Token) -> Scanned<()> {
        let is_json_stream = || json::begins(self.source) && json::is_stream(self.source);
        if *self.is_json_stream.get_or_init(is_json_stream) {
            return Ok(());
        }
        let message = "the document ends before this; write `---` on a line of its own between two documents, or indent the rest of the value";
        self.fault(token.start, message)
    }

    fn fault<T>(&self, offset: usize, message: &'static str) -> Scanned<T> {
        Err(Fault::At { offset, message })
    }

    fn take(&mut self, token: Token) -> Scanned<()> {
        if token.end > token.start {
            self.behind = token.end;
        }
        self.scanner.skip();
        Ok(())
    }

    /// A node that is not written, but for its properties.
    fn empty(&mut self, properties: Properties, anchor: Option<&'s str>) {
        let node =
            Parsed { properties, anchor, ..Parsed::plain(Form::Empty, self.behind, self.behind) };
        self.builder.scalar(&node, "~");
    }

    fn node(&mut self, context: Context) -> Scanned<()> {
        let first = self.scanner.peek()?;
        if first.kind == Kind::Alias {
            self.take(first)?;
            let name = &self.source[first.start + 1..first.end];
            let node = Parsed::plain(Form::Alias, first.start, first.end);
            return Ok(self.builder.alias(&node, name)?);
        }
        let (properties, anchor) = self.properties()?;
        let token = self.scanner.peek()?;
        let start = token.start;
        let open = |form| Parsed {
            properties: properties.clone(),
            anchor,
            ..Parsed::plain(form, start, start)
        };
        match token.kind {
            Kind::BlockEntry if context == Context::BlockValue => {
                self.builder.open(&open(Form::BlockSequence));
                self.enter(token)?;
                self.block_entries(true)
            }
            Kind::Scalar(form) => {
                self.take(token)?;
                let node = Parsed {
                    properties,
                    anchor,
                    indent: token.indent,
                    ..Parsed::plain(form, token.start, token.end)
                };
                let text = if self.builder.at_key() { self.text(&node) } else { Cow::Borrowed("") };
                self.builder.scalar(&node, &text);
                Ok(())
            }
            Kind::FlowSequenceStart => {
                self.builder.open(&open(Form::FlowSequence));
                self.enter(token)?;
                self.take(token)?;
                self.flow_sequence(token)
            }
            Kind::FlowMappingStart => {
                self.builder.open(&open(Form::FlowMapping));
                self.enter(token)?;
                self.take(token)?;
                self.flow_mapping(token)
            }
            Kind::BlockSequenceStart if context != Context::Flow => {
                self.builder.open(&open(Form::BlockSequence));
                self.enter(token)?;
                self.take(token)?;
                self.block_entries(false)
            }
            Kind::BlockMappingStart if context != Context::Flow => {
                self.builder.open(&open(Form::BlockMapping));
                self.enter(token)?;
                self.take(token)?;
                self.block_mapping()
            }
            _ if properties != Properties::default() => {
                self.empty(properties, anchor);
                Ok(())
            }
            Kind::StreamEnd => self.fault(start, "the text ends where a value is expected"),
            _ => self.fault(start, "expected a value here"),
        }
    }

    fn text(&self, node: &Parsed<'_>) -> Cow<'s, str> {
        let node = Node {
            start: node.start as u32,
            end: node.end as u32,
            next: 0,
            form: node.form,
            marks: Marks::default(),
            indent: node.indent as u16,
        };
        scalar::text(self.source, &node)
    }

    /// The anchor and the tag before a node, in either order.
    fn properties(&mut self) -> Scanned<(Properties, Option<&'s str>)> {
        let mut properties = Properties::default();
        let mut name = None;
        for _ in 0..2 {
            let token = self.scanner.peek()?;
            let range = token.start as u32..token.end as u32;
            match token.kind {
                Kind::Anchor if properties.anchor.is_none() => {
                    name = Some(&self.source[token.start + 1..token.end]);
                    properties.anchor = Some(range);
                }
                Kind::Tag if properties.tag.is_none() => properties.tag = Some(range),
                _ => break,
            }
            self.take(token)?;
        }
        Ok((properties, name))
    }

    fn enter(&mut self, token: Token) -> Scanned<()> {
        self.depth += 1;
        if self.depth > self.max_depth {
            return self.fault(token.start, "nested more than 250 levels deep");
        }
        Ok(())
    }

    /// Ends the innermost collection; a flow collection's end is given.
    fn leave(&mut self, end: Option<usize>) -> Scanned<()> {
        self.depth -= 1;
        Ok(self.builder.close(end)?)
    }

    fn block_entries(&mut self, is_indentless: bool) -> Scanned<()> {
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::BlockEntry => self.take(token)?,
                _ if is_indentless => return self.leave(None),
                Kind::BlockEnd => {
                    self.take(token)?;
                    return self.leave(None);
                }
                _ => {
                    return self.fault(
                        token.start,
                        "expected a `- ` here, as before the list's other entries",
                    );
                }
            }
            let next = self.scanner.peek()?;
            match next.kind {
                Kind::BlockEntry | Kind::BlockEnd => self.empty(Properties::default(), None),
                Kind::Key { .. } | Kind::Value if is_indentless => {
                    self.empty(Properties::default(), None);
                }
                _ => self.node(Context::Block)?,
            }
        }
    }

    fn block_mapping(&mut self) -> Scanned<()> {
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Key { is_written } => {
                    if is_written {
                        self.builder.mark_explicit_key();
                    }
                    self.take(token)?;
                }
                Kind::BlockEnd => {
                    self.take(token)?;
                    return self.leave(None);
                }
                _ => {
                    let message = "expected a key followed by a colon; indent text that belongs to the line above";
                    return self.fault(token.start, message);
                }
            }
            self.block_part()?;
            let token = self.scanner.peek()?;
            if token.kind == Kind::Value {
                self.take(token)?;
                self.block_part()?;
            } else {
                self.empty(Properties::default(), None);
            }
        }
    }

    /// A block mapping's key or value.
    fn block_part(&mut self) -> Scanned<()> {
        match self.scanner.peek()?.kind {
            Kind::Key { .. } | Kind::Value | Kind::BlockEnd => {
                self.empty(Properties::default(), None);
                Ok(())
            }
            _ => self.node(Context::BlockValue),
        }
    }
}
