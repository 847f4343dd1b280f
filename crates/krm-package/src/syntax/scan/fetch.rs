//! The next token of a text.

use super::{Kind, Scanned, Scanner};
use crate::find;

impl Scanner<'_> {
    pub(super) fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_token();
        if !self.in_flow() {
            let column = self.column();
            self.unroll(column);
        }
        let Some(byte) = self.byte(0) else { return self.stream_end() };
        if self.at == self.line_start {
            match byte {
                b'%' => {
                    let message =
                        "kubectl, kustomize and kpt read no directive before a `---`; remove it";
                    return self.fault(self.at, message);
                }
                b'-' if self.is_marker(b"---") => return self.marker(Kind::DocumentStart),
                b'.' if self.is_marker(b"...") => return self.marker(Kind::DocumentEnd),
                _ => {}
            }
        }
        let in_flow = self.in_flow();
        match byte {
            b'[' => self.flow_start(Kind::FlowSequenceStart),
            b'{' => self.flow_start(Kind::FlowMappingStart),
            b']' => self.flow_end(Kind::FlowSequenceEnd),
            b'}' => self.flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.drop_key()?;
                self.key_is_allowed = true;
                self.indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_blank(1) => self.block_entry(),
            b'?' if in_flow || self.is_blank(1) => self.key(),
            b':' if in_flow || self.is_blank(1) => self.value(),
            b'*' => self.anchor(Kind::Alias),
            b'&' => self.anchor(Kind::Anchor),
            b'!' => self.tag(),
            b'|' | b'>' if !in_flow => self.block_scalar(),
            b'\'' | b'"' => self.quoted_scalar(),
            // A `-`, in a block also a `?` or a `:`, that is not an indicator.
            b'-' => self.plain_scalar(),
            b'?' | b':' if !in_flow => self.plain_scalar(),
            b'\t' => self.fault(self.at, "tabs cannot indent YAML; use spaces"),
            b'|' | b'>' | b'%' | b'@' | b'`' | b'#' | b'?' | b':' | b'\r' => self.fault(
                self.at,
                "a value cannot begin with this character; write the value in quotes",
            ),
            _ => self.plain_scalar(),
        }
    }

    /// Skips blanks, comments and line breaks. After a line break in a block, where a key may
    /// are, no tab is skipped.
    fn skip_to_token(&mut self) {
        loop {
            loop {
                match self.byte(0) {
                    Some(b' ') => self.at += 1,
                    Some(b'\t') if self.in_flow() || !self.key_is_allowed => self.at += 1,
                    _ => break,
                }
            }
            if self.byte(0) == Some(b'#') {
                let rest = &self.bytes[self.at..];
                self.at += find::one(b'\n', rest).unwrap_or(rest.len());
            }
            if !self.line_break() {
                return;
            }
            if !self.in_flow() {
                self.key_is_allowed = true;
            }
        }
    }

    fn stream_end(&mut self) -> Scanned<()> {
        self.unroll(-1);
        self.drop_key()?;
        self.key_is_allowed = false;
        // No colon follows: what began on the last line, also before an open bracket, is not a key.
        self.line_start = usize::MAX;
        self.push(Kind::StreamEnd, self.at);
        Ok(())
    }

    /// Whether a document marker is here.
    pub(super) fn is_marker(&self, marker: &[u8; 3]) -> bool {
        self.bytes[self.at..].starts_with(marker) && self.is_blank(3)
    }

    fn marker(&mut self, kind: Kind) -> Scanned<()> {
        self.unroll(-1);
        self.drop_key()?;
        self.key_is_allowed = false;
        self.indicator(kind, 3);
        Ok(())
    }

    fn indicator(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.push(kind, start);
    }

    fn flow_start(&mut self, kind: Kind) -> Scanned<()> {
        self.save_key()?;
        self.keys.push(super::SimpleKey::default());
        self.key_is_allowed = true;
        self.indicator(kind, 1);
        Ok(())
    }

    fn flow_end(&mut self, kind: Kind) -> Scanned<()> {
        self.drop_key()?;
        if self.in_flow() {
            self.keys.pop();
        }
        self.key_is_allowed = false;
        self.indicator(kind, 1);
        Ok(())
    }

    fn block_entry(&mut self) -> Scanned<()> {
        if !self.in_flow() {
            if !self.key_is_allowed {
                let message =
                    "a list entry cannot begin on this line; write the dash on a line of its own";
                return self.fault(self.at, message);
            }
            let column = self.column();
            self.roll(column, None, Kind::BlockSequenceStart, self.at);
        }
        self.drop_key()?;
        self.key_is_allowed = true;
        self.indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn key(&mut self) -> Scanned<()> {
        if !self.in_flow() {
            if !self.key_is_allowed {
                return self
                    .fault(self.at, "a key cannot begin here; write it on a line of its own");
            }
            let column = self.column();
            self.roll(column, None, Kind::BlockMappingStart, self.at);
        }
        self.drop_key()?;
        self.key_is_allowed = !self.in_flow();
        self.indicator(Kind::Key { is_written: true }, 1);
        Ok(())
    }

    fn value(&mut self) -> Scanned<()> {
        let level = self.keys.len() - 1;
        if self.key_is_valid(level)? {
            let key = self.keys[level];
            let token = super::Token {
                kind: Kind::Key { is_written: false },
                start: key.at,
                end: key.at,
                indent: 0,
            };
            self.tokens.insert(key.token - self.taken, token);
            self.roll(key.column, Some(key.token), Kind::BlockMappingStart, key.at);
            self.keys[level].is_possible = false;
            self.key_is_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_is_allowed {
                    let message = "a value cannot contain a colon followed by a space; write the value in quotes, or the key on a line of its own";
                    return self.fault(self.at, message);
                }
                let column = self.column();
                self.roll(column, None, Kind::BlockMappingStart, self.at);
            }
            self.key_is_allowed = !self.in_flow();
        }
        self.indicator(Kind::Value, 1);
        Ok(())
    }
}
