//! Anchors, aliases and tags.

use super::{Kind, Scanned, Scanner};

impl Scanner<'_> {
    pub(super) fn anchor(&mut self, kind: Kind) -> Scanned<()> {
        self.save_key()?;
        self.key_is_allowed = false;
        let start = self.at;
        self.at += 1;
        while self.byte(0).is_some_and(is_word) {
            self.at += 1;
        }
        let ends = self.is_blank(0)
            || matches!(self.byte(0), Some(b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'));
        if self.at == start + 1 || !ends {
            let message = "an anchor name may only contain letters, digits, `-` and `_`";
            return self.fault(start, message);
        }
        self.push(kind, start);
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Scanned<()> {
        self.save_key()?;
        self.key_is_allowed = false;
        let start = self.at;
        if self.byte(1) == Some(b'<') {
            self.at += 2;
            let uri = self.at;
            self.uri();
            if self.at == uri || self.byte(0) != Some(b'>') {
                return self.fault(start, "this tag does not end with `>`");
            }
            self.at += 1;
        } else {
            self.at += 1;
            while self.byte(0).is_some_and(is_word) {
                self.at += 1;
            }
            if self.byte(0) == Some(b'!') {
                self.at += 1;
                let suffix = self.at;
                self.uri();
                // After the handle of a `%TAG`, which no reader has: only `!!` is known without one.
                if suffix != start + 2 || self.at == suffix {
                    return self.fault(start, "this tag has no meaning in a manifest; remove it");
                }
            } else {
                self.uri();
            }
        }
        if self.bytes[start..self.at].contains(&b'%') {
            return self.fault(start, "this tag has an escape; write the character itself");
        }
        if !self.is_blank(0) {
            return self.fault(self.at, "expected a space after the tag");
        }
        self.push(Kind::Tag, start);
        Ok(())
    }

    fn uri(&mut self) {
        let is_of_uri = |byte: u8| is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte);
        while self.byte(0).is_some_and(is_of_uri) {
            self.at += 1;
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
