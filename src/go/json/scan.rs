//! Go's check that a text is JSON, byte by byte, without recursion.

use super::error::GoJsonError;

/// Go refuses deeper nesting than this.
const MAX_DEPTH: usize = 10_000;

#[derive(Clone, Copy)]
enum Within {
    Key,
    Value,
    Array,
}

#[derive(Clone, Copy)]
enum Step {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    AfterValue,
    AfterTop,
    Text,
    Escape,
    /// How many of the four hexadecimal digits are missing.
    Hex(u8),
    Minus,
    Zero,
    Digits,
    Dot,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// Inside `true`, `false` or `null`: the word and how many of its bytes were read.
    Word(&'static str, usize),
}

/// Checks a whole text.
///
/// # Errors
/// [`GoJsonError::Syntax`] with Go's words.
pub(super) fn check(text: &str) -> Result<(), GoJsonError> {
    let mut scanner = Scanner { step: Step::Value, within: Vec::new() };
    for &byte in text.as_bytes() {
        scanner.feed(byte).map_err(GoJsonError::Syntax)?;
    }
    // Go feeds one space so that a number at the very end is finished.
    scanner.feed(b' ').map_err(GoJsonError::Syntax)?;
    match scanner.step {
        Step::AfterTop => Ok(()),
        _ => Err(GoJsonError::Syntax("unexpected end of JSON input".to_owned())),
    }
}

struct Scanner {
    step: Step,
    within: Vec<Within>,
}

impl Scanner {
    fn feed(&mut self, byte: u8) -> Result<(), String> {
        match self.step {
            Step::Value | Step::ValueOrEnd | Step::Key | Step::KeyOrEnd if is_space(byte) => Ok(()),
            Step::ValueOrEnd if byte == b']' => self.after_value(byte),
            Step::Value | Step::ValueOrEnd => self.begin_value(byte),
            Step::KeyOrEnd if byte == b'}' => {
                if let Some(within) = self.within.last_mut() {
                    *within = Within::Value;
                }
                self.after_value(byte)
            }
            Step::Key | Step::KeyOrEnd if byte == b'"' => self.go(Step::Text),
            Step::Key | Step::KeyOrEnd => {
                Err(complaint(byte, "looking for beginning of object key string"))
            }
            Step::AfterValue => self.after_value(byte),
            Step::AfterTop if is_space(byte) => Ok(()),
            Step::AfterTop => Err(complaint(byte, "after top-level value")),
            Step::Text => match byte {
                b'"' => self.go(Step::AfterValue),
                b'\\' => self.go(Step::Escape),
                0..0x20 => Err(complaint(byte, "in string literal")),
                _ => Ok(()),
            },
            Step::Escape => match byte {
                b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.go(Step::Text),
                b'u' => self.go(Step::Hex(4)),
                _ => Err(complaint(byte, "in string escape code")),
            },
            Step::Hex(missing) if byte.is_ascii_hexdigit() => {
                self.go(if missing == 1 { Step::Text } else { Step::Hex(missing - 1) })
            }
            Step::Hex(_) => Err(complaint(byte, "in \\u hexadecimal character escape")),
            Step::Word(word, read) => match word.as_bytes().get(read) {
                Some(&wanted) if wanted == byte => self.go(if read + 1 == word.len() {
                    Step::AfterValue
                } else {
                    Step::Word(word, read + 1)
                }),
                wanted => {
                    let wanted = char::from(wanted.copied().unwrap_or_default());
                    Err(complaint(byte, &format!("in literal {word} (expecting '{wanted}')")))
                }
            },
            _ => self.number(byte),
        }
    }

    fn number(&mut self, byte: u8) -> Result<(), String> {
        match (self.step, byte) {
            (Step::Minus, b'0') => self.go(Step::Zero),
            (Step::Minus, b'1'..=b'9') | (Step::Digits, b'0'..=b'9') => self.go(Step::Digits),
            (Step::Minus, _) => Err(complaint(byte, "in numeric literal")),
            (Step::Zero | Step::Digits, b'.') => self.go(Step::Dot),
            (Step::Zero | Step::Digits | Step::Fraction, b'e' | b'E') => self.go(Step::Exponent),
            (Step::Dot | Step::Fraction, b'0'..=b'9') => self.go(Step::Fraction),
            (Step::Dot, _) => Err(complaint(byte, "after decimal point in numeric literal")),
            (Step::Exponent, b'+' | b'-') => self.go(Step::ExponentSign),
            (Step::Exponent | Step::ExponentSign | Step::ExponentDigits, b'0'..=b'9') => {
                self.go(Step::ExponentDigits)
            }
            (Step::Exponent | Step::ExponentSign, _) => {
                Err(complaint(byte, "in exponent of numeric literal"))
            }
            _ => self.after_value(byte),
        }
    }

    fn begin_value(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'{' => self.open(byte, Within::Key, Step::KeyOrEnd),
            b'[' => self.open(byte, Within::Array, Step::ValueOrEnd),
            b'"' => self.go(Step::Text),
            b'-' => self.go(Step::Minus),
            b'0' => self.go(Step::Zero),
            b'1'..=b'9' => self.go(Step::Digits),
            b't' => self.go(Step::Word("true", 1)),
            b'f' => self.go(Step::Word("false", 1)),
            b'n' => self.go(Step::Word("null", 1)),
            _ => Err(complaint(byte, "looking for beginning of value")),
        }
    }

    fn open(&mut self, byte: u8, within: Within, step: Step) -> Result<(), String> {
        self.within.push(within);
        if self.within.len() > MAX_DEPTH {
            return Err(complaint(byte, "exceeded max depth"));
        }
        self.go(step)
    }

    fn after_value(&mut self, byte: u8) -> Result<(), String> {
        let Some(within) = self.within.last_mut() else {
            self.step = Step::AfterTop;
            return if is_space(byte) {
                Ok(())
            } else {
                Err(complaint(byte, "after top-level value"))
            };
        };
        if is_space(byte) {
            return self.go(Step::AfterValue);
        }
        match (*within, byte) {
            (Within::Key, b':') => {
                *within = Within::Value;
                self.go(Step::Value)
            }
            (Within::Key, _) => Err(complaint(byte, "after object key")),
            (Within::Value, b',') => {
                *within = Within::Key;
                self.go(Step::Key)
            }
            (Within::Array, b',') => self.go(Step::Value),
            (Within::Value, b'}') | (Within::Array, b']') => {
                self.within.pop();
                self.go(if self.within.is_empty() { Step::AfterTop } else { Step::AfterValue })
            }
            (Within::Value, _) => Err(complaint(byte, "after object key:value pair")),
            (Within::Array, _) => Err(complaint(byte, "after array element")),
        }
    }

    fn go(&mut self, step: Step) -> Result<(), String> {
        self.step = step;
        Ok(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Go's complaint about one byte, which it shows as the Latin-1 letter of that number.
fn complaint(byte: u8, context: &str) -> String {
    let shown = match byte {
        b'\'' => "\\'".to_owned(),
        b'\\' => "\\\\".to_owned(),
        0x07 => "\\a".to_owned(),
        0x08 => "\\b".to_owned(),
        0x0c => "\\f".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        0x0b => "\\v".to_owned(),
        0..0x20 | 0x7f => format!("\\x{byte:02x}"),
        0x80..=0xa0 | 0xad => format!("\\u{:04x}", u32::from(byte)),
        _ => char::from(byte).to_string(),
    };
    format!("invalid character '{shown}' {context}")
}
