//! Reads a JSON text.

use super::{GoJson, GoJsonError};

/// How deep arrays and objects may nest. Go stops at 10,000; no setting nests past three.
const DEPTH: usize = 256;

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads a text that holds one value and nothing more.
    pub(super) fn whole(text: &'a str) -> Result<GoJson, GoJsonError> {
        let mut reader = Self { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        if reader.at < text.len() {
            return Err(reader.error("text after the value"));
        }
        Ok(value)
    }

    fn error(&self, problem: &'static str) -> GoJsonError {
        let at = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        GoJsonError::Syntax { problem, at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<GoJson, GoJsonError> {
        if depth > DEPTH {
            return Err(self.error("nested too deep"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(GoJson::Text(self.string()?)),
            Some(b't') => self.word("true", GoJson::Bool(true)),
            Some(b'f') => self.word("false", GoJson::Bool(false)),
            Some(b'n') => self.word("null", GoJson::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.error("no value")),
            None => Err(self.error("the text ends")),
        }
    }

    fn word(&mut self, word: &str, value: GoJson) -> Result<GoJson, GoJsonError> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.error("no value"))
        }
    }

    fn object(&mut self, depth: usize) -> Result<GoJson, GoJsonError> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(GoJson::Object(entries));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.error("no key in quotes"));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.error("no colon after the key"));
            }
            self.at += 1;
            entries.push((key, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(GoJson::Object(entries));
                }
                _ => return Err(self.error("no comma or brace after the value")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<GoJson, GoJsonError> {
        self.at += 1;
        let mut elements = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(GoJson::List(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(GoJson::List(elements));
                }
                _ => return Err(self.error("no comma or bracket after the element")),
            }
        }
    }

    fn number(&mut self) -> Result<GoJson, GoJsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.error("no digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(GoJson::Number(self.text[start..self.at].to_owned()))
    }

    fn some_digits(&mut self) -> Result<(), GoJsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error("no digit"));
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<String, GoJsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.chars().next() else {
                return Err(self.error("a string without its end"));
            };
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                control if control < ' ' => return Err(self.error("a control character")),
                other => {
                    out.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, GoJsonError> {
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        match letter {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => {
                let unit = self.hex()?;
                Ok(self.scalar(unit))
            }
            _ => {
                self.at -= 1;
                Err(self.error("an unknown escape"))
            }
        }
    }

    fn hex(&mut self) -> Result<u32, GoJsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
            return Err(self.error("no four hexadecimal digits"));
        };
        self.at += 4;
        Ok(digits
            .iter()
            .fold(0, |unit, digit| unit * 16 + char::from(*digit).to_digit(16).unwrap_or_default()))
    }

    /// A lone surrogate becomes U+FFFD, as Go has it.
    fn scalar(&mut self, unit: u32) -> char {
        if let Some(scalar) = char::from_u32(unit) {
            return scalar;
        }
        let before = self.at;
        if unit < 0xdc00 && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 2;
            if let Ok(low @ 0xdc00..=0xdfff) = self.hex() {
                let joined = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = before;
        }
        char::REPLACEMENT_CHARACTER
    }
}
