//! The tokens of a template.

use super::error::TemplateError;

/// One token. Space counts: it separates `.A .B` from `.A.B`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Text outside actions.
    Text(String),
    /// `{{`
    Open,
    /// `}}`
    Close,
    /// A run of spaces.
    Space,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// `|`
    Pipe,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// A string, unquoted.
    Literal(String),
    /// `.`
    Dot,
    /// `.Name`, without the dot.
    Field(String),
    /// `$name`, with the dollar sign.
    Variable(String),
    /// A decimal integer.
    Integer(i64),
    /// A function or keyword.
    Word(String),
    /// Any other printable character.
    Other(char),
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// Splits a template's text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut lexer = Lexer { rest: text, tokens: Vec::new(), parens: 0 };
    loop {
        let Some(open) = lexer.rest.find("{{") else {
            if !lexer.rest.is_empty() {
                lexer.tokens.push(Token::Text(lexer.rest.to_owned()));
            }
            return Ok(lexer.tokens);
        };
        let (before, action) = lexer.rest.split_at(open);
        let mut action = &action[2..];
        let trims = trims_left(action);
        let before = if trims { before.trim_end_matches(SPACES) } else { before };
        if !before.is_empty() {
            lexer.tokens.push(Token::Text(before.to_owned()));
        }
        if trims {
            action = &action[2..];
        }
        lexer.rest = action;
        if let Some(comment) = action.strip_prefix("/*") {
            lexer.comment(comment)?;
        } else {
            lexer.tokens.push(Token::Open);
            lexer.parens = 0;
            lexer.action()?;
        }
    }
}

/// `- ` after the delimiter: both characters are needed, so that `{{-3}}` is a number.
fn trims_left(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with(SPACES))
}

fn trims_right(text: &str) -> bool {
    text.starts_with(SPACES) && text[1..].starts_with("-}}")
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

fn syntax<T>(message: impl Into<String>) -> Result<T, TemplateError> {
    Err(TemplateError::Syntax(message.into()))
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
    parens: usize,
}

impl<'a> Lexer<'a> {
    fn comment(&mut self, text: &'a str) -> Result<(), TemplateError> {
        let Some(end) = text.find("*/") else { return syntax("a comment without its end") };
        let after = &text[end + 2..];
        self.rest = if trims_right(after) {
            after[4..].trim_start_matches(SPACES)
        } else if let Some(rest) = after.strip_prefix("}}") {
            rest
        } else {
            return syntax("text between a comment's end and }}");
        };
        Ok(())
    }

    /// Reads up to and over the closing delimiter.
    fn action(&mut self) -> Result<(), TemplateError> {
        loop {
            let closes = self.rest.starts_with("}}");
            if closes || trims_right(self.rest) {
                if self.parens > 0 {
                    return syntax("an open parenthesis");
                }
                self.rest = if closes {
                    &self.rest[2..]
                } else {
                    self.rest[4..].trim_start_matches(SPACES)
                };
                self.tokens.push(Token::Close);
                return Ok(());
            }
            let Some(next) = self.rest.chars().next() else {
                return syntax("an action without its end; write }}");
            };
            self.token(next)?;
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn token(&mut self, next: char) -> Result<(), TemplateError> {
        let token = match next {
            space if SPACES.contains(&space) => {
                self.space();
                return Ok(());
            }
            '=' => self.single(Token::Assign),
            ':' => {
                if !self.rest.starts_with(":=") {
                    return syntax("a colon without its equals sign");
                }
                self.take(2);
                Token::Declare
            }
            '|' => self.single(Token::Pipe),
            '(' => {
                self.parens += 1;
                self.single(Token::LeftParen)
            }
            ')' => {
                let Some(parens) = self.parens.checked_sub(1) else {
                    return syntax("a closing parenthesis too many");
                };
                self.parens = parens;
                self.single(Token::RightParen)
            }
            '"' => Token::Literal(self.quoted()?),
            '`' => {
                let Some(end) = self.rest[1..].find('`') else {
                    return syntax("a raw string without its end");
                };
                let raw = self.take(end + 2);
                Token::Literal(raw[1..=end].replace('\r', ""))
            }
            '\'' => {
                if !self.rest[1..].contains('\'') {
                    return syntax("a character constant without its end");
                }
                return Err(TemplateError::Unsupported("a character constant".to_owned()));
            }
            '$' => Token::Variable(self.name()?),
            '.' if !self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let name = self.name()?;
                if name == "." { Token::Dot } else { Token::Field(name[1..].to_owned()) }
            }
            '+' | '-' | '.' | '0'..='9' => Token::Integer(self.number()?),
            word if is_word(word) => {
                let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
                let word = self.take(end);
                self.terminated()?;
                Token::Word(word.to_owned())
            }
            other if other.is_ascii_graphic() => self.single(Token::Other(other)),
            other => return syntax(format!("the character {other:?} in an action")),
        };
        self.tokens.push(token);
        Ok(())
    }

    fn single(&mut self, token: Token) -> Token {
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        self.take(length);
        token
    }

    /// A run of spaces, less the one that belongs to a trimming close.
    fn space(&mut self) {
        let end = self.rest.find(|c| !SPACES.contains(&c)).unwrap_or(self.rest.len());
        if trims_right(&self.rest[end - 1..]) {
            self.take(end - 1);
            if end > 1 {
                self.tokens.push(Token::Space);
            }
        } else {
            self.take(end);
            self.tokens.push(Token::Space);
        }
    }

    /// A field or variable, with its first character.
    fn name(&mut self) -> Result<String, TemplateError> {
        let end = self.rest[1..].find(|c| !is_word(c)).map_or(self.rest.len(), |end| end + 1);
        let name = self.take(end).to_owned();
        self.terminated()?;
        Ok(name)
    }

    fn terminated(&self) -> Result<(), TemplateError> {
        let ends = self.rest.is_empty()
            || self.rest.starts_with("}}")
            || self.rest.starts_with([' ', '\t', '\r', '\n', '.', ',', '|', ':', ')', '(']);
        if ends {
            Ok(())
        } else {
            let bad = self.rest.chars().next().unwrap_or_default();
            syntax(format!("the character {bad:?} right after a name"))
        }
    }

    fn number(&mut self) -> Result<i64, TemplateError> {
        let end = self.rest[1..]
            .find(|c| !(is_word(c) || matches!(c, '.' | '+' | '-')))
            .map_or(self.rest.len(), |end| end + 1);
        let text = self.take(end);
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty()
            || !digits.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
        {
            return syntax(format!("the number {text:?}"));
        }
        let decimal = digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        match text.parse() {
            Ok(number) if decimal => Ok(number),
            _ => Err(TemplateError::Unsupported(format!("the number {text}"))),
        }
    }

    fn quoted(&mut self) -> Result<String, TemplateError> {
        let mut escaped = false;
        let end = self.rest[1..].char_indices().find(|&(_, c)| {
            let ends = !escaped && (c == '"' || c == '\n');
            escaped = !escaped && c == '\\';
            ends
        });
        match end {
            Some((end, '"')) => unquoted(&self.take(end + 2)[1..=end]),
            _ => syntax("a string without its end"),
        }
    }
}

/// The inside of a Go string literal.
fn unquoted(text: &str) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escape = chars.next().unwrap_or_default();
        out.push(match escape {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' => '\\',
            '"' => '"',
            'x' | 'u' | 'U' => {
                let digits = match escape {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                numbered(&mut chars, digits, 16)?
            }
            '0'..='7' => {
                let mut octal = String::from(escape);
                octal.extend(chars.by_ref().take(2));
                numbered(&mut octal.chars(), 3, 8)?
            }
            other => return syntax(format!("the escape \\{other}")),
        });
    }
    Ok(out)
}

fn numbered(
    chars: &mut std::str::Chars<'_>,
    digits: usize,
    radix: u32,
) -> Result<char, TemplateError> {
    let mut code = 0_u32;
    for _ in 0..digits {
        let Some(digit) = chars.next().and_then(|c| c.to_digit(radix)) else {
            return syntax("an escape that ends too soon");
        };
        code = code.saturating_mul(radix).saturating_add(digit);
    }
    if digits < 4 && code > 0x7f {
        return Err(TemplateError::Unsupported("an escaped byte past ASCII".to_owned()));
    }
    char::from_u32(code).map_or_else(|| syntax("an escape that is not a character"), Ok)
}
