//! Which part of a text holds nothing but characters that mean nothing of their own.

/// How far ahead of what is read a text is looked through.
const STRIDE: usize = 4096;

/// How far a text is known to hold only printable characters, blanks, tabs and line breaks.
#[derive(Debug, Default)]
pub(super) struct Clean {
    until: usize,
}

impl Clean {
    /// `None` where a character before `at` is a control character, a carriage return alone, a byte-order
    /// mark, a line break of Unicode, or no character at all: the parser refuses most of them, and
    /// readers take the others for different things.
    #[inline]
    pub(super) fn reaches(&mut self, bytes: &[u8], at: usize) -> Option<()> {
        if at <= self.until { Some(()) } else { self.look_ahead(bytes, at) }
    }

    /// The parser has read everything before `at`.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.until = self.until.max(at);
    }

    fn look_ahead(&mut self, bytes: &[u8], at: usize) -> Option<()> {
        let end = at.max(self.until + STRIDE).min(bytes.len());
        for chunk in bytes[self.until..end].chunks(STRIDE) {
            let is_plain_text = chunk.iter().fold(true, |good, byte| {
                good & (byte.wrapping_sub(b' ') < 0x5F || *byte == b'\n' || *byte == b'\t')
            });
            let is_clean = is_plain_text || has_whole_breaks(bytes, self.until, chunk.len());
            let length = if is_clean { chunk.len() } else { clean_length(bytes, self.until) };
            self.until += length;
            if length < chunk.len() {
                break;
            }
        }
        if at <= self.until { Some(()) } else { None }
    }
}

/// Whether a chunk is plain text whose carriage returns are before line feeds.
fn has_whole_breaks(bytes: &[u8], from: usize, length: usize) -> bool {
    let end = from + length;
    // What is after the last byte of the text ends no carriage return.
    let Some(next) = bytes.get(from + 1..=end) else { return false };
    bytes[from..end].iter().zip(next).fold(true, |good, (byte, next)| {
        let is_text = (byte.wrapping_sub(b' ') < 0x5F) | (*byte == b'\n') | (*byte == b'\t');
        good & (is_text | ((*byte == b'\r') & (*next == b'\n')))
    })
}

/// The length of the clean text from a place on, within a stride or little more.
fn clean_length(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len().min(from + STRIDE) {
        at += match bytes[at..] {
            [b'\n' | b'\t' | b' '..=b'~', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [(..=0x7F), ..] => break,
            // U+0080 to U+009F.
            [0xC2, (..=0x9F), ..] => break,
            // U+2028, U+2029.
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => break,
            // U+FEFF, U+FFFE, U+FFFF.
            [0xEF, 0xBB, 0xBF, ..] | [0xEF, 0xBF, 0xBE | 0xBF, ..] => break,
            [(..=0xDF), ..] => 2,
            [(..=0xEF), ..] => 3,
            _ => 4,
        };
    }
    at - from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriage_return_is_plain_before_a_line_feed_alone() {
        assert!(has_whole_breaks(b"a\r\n\tb\r\nc", 0, 7));
        for text in [b"a\rb\nc", b"a\r\rbc", b"a\x7f\n\nc", b"a\0\n\nc"] {
            assert!(!has_whole_breaks(text, 0, 4), "{text:?}");
        }
        assert!(!has_whole_breaks(b"a\r\n", 0, 3), "nothing is known behind the end");
    }
}
