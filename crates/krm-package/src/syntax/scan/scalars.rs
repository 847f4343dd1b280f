//! Plain, quoted and block scalars.

use super::{Kind, Scanned, Scanner, Token};
use crate::find;
use crate::syntax::tree::Form;

/// What is after a `|` or `>`.
struct Header {
    keeps: bool,
    strips: bool,
    /// By how much the lines are indented, if a digit says so.
    increment: Option<i32>,
    /// After its last character that is not a blank.
    end: usize,
}

impl Scanner<'_> {
    pub(super) fn plain_scalar(&mut self) -> Scanned<()> {
        self.save_key()?;
        self.key_is_allowed = false;
        let start = self.at;
        let in_flow = self.in_flow();
        let least = self.indent + 1;
        let mut end = start;
        // Whether a line break is before this place and after the last character.
        let mut is_further_line = false;
        loop {
            let at_line = self.at == self.line_start;
            if at_line && (self.is_marker(b"---") || self.is_marker(b"...")) {
                break;
            }
            if self.byte(0) == Some(b'#') {
                break;
            }
            let word = self.at;
            while let Some(byte) = self.byte(0) {
                match byte {
                    b' ' | b'\t' | b'\n' | b'\r' => break,
                    b':' if self.is_blank(1) => break,
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                    _ => self.at += 1,
                }
            }
            if self.at > word {
                end = self.at;
                is_further_line = false;
            }
            if !matches!(self.byte(0), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                break;
            }
            loop {
                match self.byte(0) {
                    Some(b'\t') if is_further_line && self.column() < least => {
                        let message = "tabs cannot indent YAML; use spaces";
                        return self.fault(self.at, message);
                    }
                    Some(b' ' | b'\t') => self.at += 1,
                    _ if self.line_break() => is_further_line = true,
                    _ => break,
                }
            }
            if !in_flow && self.column() < least {
                break;
            }
        }
        self.tokens.push_back(Token { kind: Kind::Scalar(Form::Plain), start, end, indent: 0 });
        if is_further_line {
            self.key_is_allowed = true;
        }
        Ok(())
    }

    pub(super) fn quoted_scalar(&mut self) -> Scanned<()> {
        self.save_key()?;
        self.key_is_allowed = false;
        let start = self.at;
        let is_single = self.bytes[start] == b'\'';
        self.at += 1;
        loop {
            if self.at == self.line_start && (self.is_marker(b"---") || self.is_marker(b"...")) {
                return self
                    .fault(start, "this quote is not closed before the end of its document");
            }
            let rest = &self.bytes[self.at..];
            let found = if is_single {
                find::either(b'\'', b'\n', rest)
            } else {
                find::any(b'"', b'\\', b'\n', rest)
            };
            let Some(found) = found else {
                return self.fault(start, "this quote is not closed");
            };
            self.at += found;
            match self.byte(0) {
                Some(b'\n') => {
                    self.line_break();
                }
                Some(b'\'') if self.byte(1) == Some(b'\'') => self.at += 2,
                Some(b'\\') => self.at += self.escape()?,
                _ => break,
            }
        }
        self.at += 1;
        let form = if is_single { Form::SingleQuoted } else { Form::DoubleQuoted };
        self.push(Kind::Scalar(form), start);
        Ok(())
    }

    /// The length of an escape; of its backslash alone, where a line break is what it escapes.
    fn escape(&self) -> Scanned<usize> {
        let hex = |digits: usize| {
            let text = self.bytes.get(self.at + 2..self.at + 2 + digits)?;
            let text = str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?;
            char::from_u32(u32::from_str_radix(text, 16).ok()?).map(|_| 2 + digits)
        };
        let length = match self.byte(1) {
            Some(b'\n') => Some(1),
            Some(b'\r') if self.byte(2) == Some(b'\n') => Some(1),
            Some(
                b'0' | b'a' | b'b' | b't' | b'\t' | b'n' | b'v' | b'f' | b'r' | b'e' | b' ' | b'"'
                | b'\'' | b'\\' | b'N' | b'_' | b'L' | b'P',
            ) => Some(2),
            Some(b'x') => hex(2),
            Some(b'u') => hex(4),
            Some(b'U') => hex(8),
            Some(b'/') => {
                let message =
                    "kustomize and kpt do not read the escape `\\/`; write the slash itself";
                return self.fault(self.at, message);
            }
            _ => None,
        };
        let message = "unknown escape; write the character itself, or `\\\\` for a backslash";
        length.map_or_else(|| self.fault(self.at, message), Ok)
    }

    pub(super) fn block_scalar(&mut self) -> Scanned<()> {
        self.drop_key()?;
        self.key_is_allowed = true;
        let start = self.at;
        let form = if self.bytes[start] == b'|' { Form::Literal } else { Form::Folded };
        let header = self.block_header()?;
        let mut indent = header.increment.map_or(0, |increment| self.indent.max(0) + increment);
        let mut end = header.end;
        // The end of the blank lines so far, each without its line break.
        let mut blank_end = None;
        self.block_breaks(start, &mut indent, &mut blank_end)?;
        let (mut has_text, mut is_open) = (false, false);
        while self.column() == indent && self.byte(0).is_some() {
            let rest = &self.bytes[self.at..];
            let line = find::one(b'\n', rest);
            let mut length = line.unwrap_or(rest.len());
            if line.is_some() && rest[..length].ends_with(b"\r") {
                length -= 1;
            }
            self.at += length;
            end = self.at;
            has_text = true;
            is_open = !self.line_break();
            blank_end = None;
            self.block_breaks(start, &mut indent, &mut blank_end)?;
        }
        if header.keeps
            && let Some(blank_end) = blank_end
        {
            end = blank_end;
        }
        let ends_open = self.byte(0).is_none() && self.at > self.line_start && header.keeps;
        if (is_open && has_text && !header.strips) || ends_open {
            let message = "some YAML readers end this scalar with a line break and others do not; end its last line with one";
            return self.fault(end, message);
        }
        let Ok(indent) = u16::try_from(if end > header.end { indent } else { 0 }) else {
            return self.fault(start, "this scalar is indented too far");
        };
        let kind = Kind::Scalar(form);
        self.tokens.push_back(Token { kind, start, end, indent: usize::from(indent) });
        Ok(())
    }

    fn block_header(&mut self) -> Scanned<Header> {
        let start = self.at;
        self.at += 1;
        let (mut sign, mut increment) = (None, None);
        for _ in 0..2 {
            match self.byte(0) {
                Some(byte @ (b'+' | b'-')) if sign.is_none() => sign = Some(byte),
                Some(digit @ b'1'..=b'9') if increment.is_none() => {
                    increment = Some(i32::from(digit - b'0'));
                }
                _ => break,
            }
            self.at += 1;
        }
        let mut end = self.at;
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if self.byte(0) == Some(b'#') {
            let rest = &self.bytes[self.at..];
            self.at += find::one(b'\n', rest).unwrap_or(rest.len());
            let comment = self.bytes[..self.at].trim_ascii_end();
            end = comment.len();
            self.at = if self.bytes[..self.at].ends_with(b"\r") && self.byte(0).is_some() {
                self.at - 1
            } else {
                self.at
            };
        }
        if !self.line_break() && self.byte(0).is_some() {
            let message = "only a comment may follow `|` or `>` on its line; write the text on the lines below";
            return self.fault(start, message);
        }
        Ok(Header { keeps: sign == Some(b'+'), strips: sign == Some(b'-'), increment, end })
    }

    /// Goes over the indentation, and over blank lines. An indentation of 0 is not known yet.
    fn block_breaks(
        &mut self,
        start: usize,
        indent: &mut i32,
        blank_end: &mut Option<usize>,
    ) -> Scanned<()> {
        let mut widest = 0;
        loop {
            let line = self.at;
            let most = if *indent == 0 { usize::MAX } else { *indent as usize };
            while self.at - line < most && self.byte(0) == Some(b' ') {
                self.at += 1;
            }
            let column = (self.at - line) as i32;
            widest = widest.max(column);
            if self.at - line < most && self.byte(0) == Some(b'\t') {
                return self.fault(start, "tabs cannot indent the text of this scalar; use spaces");
            }
            let end = self.at;
            if !self.line_break() {
                break;
            }
            *blank_end = Some(end);
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
