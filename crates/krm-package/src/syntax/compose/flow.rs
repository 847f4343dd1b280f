//! Collections between brackets.

use super::{Composer, Context};
use crate::syntax::build::Parsed;
use crate::syntax::scan::{Kind, Scanned, Token};
use crate::syntax::tree::{Form, Properties};

impl Composer<'_, '_> {
    pub(super) fn flow_sequence(&mut self, bracket: Token) -> Scanned<()> {
        let mut is_first = true;
        loop {
            let mut token = self.scanner.peek()?;
            if token.kind != Kind::FlowSequenceEnd && !is_first {
                if token.kind != Kind::FlowEntry {
                    return self.unclosed(
                        bracket,
                        token,
                        "this list is not closed",
                        "expected a comma or a `]` here",
                    );
                }
                self.take(token)?;
                token = self.scanner.peek()?;
            }
            match token.kind {
                Kind::FlowSequenceEnd => {
                    self.take(token)?;
                    return self.leave(Some(token.end));
                }
                Kind::Key { .. } => self.single_pair(token)?,
                Kind::StreamEnd => return self.fault(bracket.start, "this list is not closed"),
                _ => self.node(Context::Flow)?,
            }
            is_first = false;
        }
    }

    /// `[key: value]`: a mapping of one entry, without brackets.
    fn single_pair(&mut self, key: Token) -> Scanned<()> {
        self.builder.open(&Parsed::plain(Form::FlowMapping, key.start, key.start));
        self.enter(key)?;
        self.builder.mark_explicit_key();
        self.take(key)?;
        let first = self.scanner.peek()?;
        if matches!(first.kind, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
            // Go's readers lose this token.
            return self.fault(key.start, "expected a key after the `?`");
        }
        self.node(Context::Flow)?;
        let token = self.scanner.peek()?;
        if token.kind == Kind::Value {
            self.take(token)?;
            self.flow_part(Kind::FlowSequenceEnd)?;
        } else {
            self.empty(Properties::default(), None);
        }
        self.leave(None)
    }

    fn flow_part(&mut self, close: Kind) -> Scanned<()> {
        match self.scanner.peek()?.kind {
            Kind::Value | Kind::FlowEntry => {
                self.empty(Properties::default(), None);
                Ok(())
            }
            kind if kind == close => {
                self.empty(Properties::default(), None);
                Ok(())
            }
            _ => self.node(Context::Flow),
        }
    }

    pub(super) fn flow_mapping(&mut self, bracket: Token) -> Scanned<()> {
        let mut is_first = true;
        loop {
            let mut token = self.scanner.peek()?;
            if token.kind != Kind::FlowMappingEnd && !is_first {
                if token.kind != Kind::FlowEntry {
                    return self.unclosed(
                        bracket,
                        token,
                        "this mapping is not closed",
                        "expected a comma or a `}` here",
                    );
                }
                self.take(token)?;
                token = self.scanner.peek()?;
            }
            match token.kind {
                Kind::FlowMappingEnd => {
                    self.take(token)?;
                    return self.leave(Some(token.end));
                }
                Kind::Key { is_written } => {
                    if is_written {
                        self.builder.mark_explicit_key();
                    }
                    self.take(token)?;
                    self.flow_part(Kind::FlowMappingEnd)?;
                    let token = self.scanner.peek()?;
                    if token.kind == Kind::Value {
                        self.take(token)?;
                        self.flow_part(Kind::FlowMappingEnd)?;
                    } else {
                        self.empty(Properties::default(), None);
                    }
                }
                Kind::StreamEnd => return self.fault(bracket.start, "this mapping is not closed"),
                _ => {
                    self.node(Context::Flow)?;
                    self.empty(Properties::default(), None);
                }
            }
            is_first = false;
        }
    }

    fn unclosed(
        &self,
        bracket: Token,
        found: Token,
        unclosed: &'static str,
        expected: &'static str,
    ) -> Scanned<()> {
        let is_end = matches!(
            found.kind,
            Kind::StreamEnd | Kind::DocumentStart | Kind::DocumentEnd | Kind::BlockEnd
        );
        if is_end { self.fault(bracket.start, unclosed) } else { self.fault(found.start, expected) }
    }
}
