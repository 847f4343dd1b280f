//! Literal and folded scalars.

use super::text::{after_break, line_end, next_line, spaces};
use crate::syntax::tree::Form;

/// A `|` or `>` scalar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) form: Form,
    /// After the last character that belongs to it, its last line feed left out.
    pub(super) end: usize,
    /// The blanks before each of its lines; 0 for one without lines.
    pub(super) indent: usize,
    /// The line that it does not reach.
    pub(super) behind: usize,
}

/// The `|` or `>` with what is on its line.
struct Header {
    keeps: bool,
    /// The digit that says by how much the lines are indented.
    indent: Option<usize>,
    /// After the last character that is not a blank.
    end: usize,
    /// The line below.
    body: usize,
}

/// Reads a block scalar whose lines are indented by `least` blanks or more, of which there is one.
pub(super) fn block(source: &str, start: usize, least: usize) -> Option<Block> {
    let bytes = source.as_bytes();
    let form = if bytes[start] == b'|' { Form::Literal } else { Form::Folded };
    let header = header(source, start)?;
    let (first, widest) = first_line(bytes, header.body);
    let column = spaces(bytes, first) - first;
    if column < least {
        // `|+` keeps the blank lines of a scalar that has no other, and those of `|1` may be text.
        let is_simple =
            !header.keeps && header.indent.is_none() && bytes.get(first + column) != Some(&b'\t');
        let at_end = first + column == bytes.len();
        return (is_simple && (!at_end || column == 0)).then_some(Block {
            form,
            end: header.end,
            indent: 0,
            behind: first,
        });
    }
    let indent = match header.indent {
        Some(indent) => least - 1 + indent,
        None => column,
    };
    // A blank line wider than the first line of text is an error, or is text.
    if widest > indent || column < indent {
        return None;
    }
    // The parser gives no indentation for a scalar that is all blank.
    let says_something =
        source[first + column..].chars().next().is_some_and(|c| !c.is_whitespace());
    if !says_something {
        return None;
    }
    let mut end = first;
    let mut line = first;
    loop {
        let content = spaces(bytes, line);
        match bytes.get(content) {
            Some(b'\n' | b'\r') if content - line <= indent => {
                line = after_break(bytes, content)?;
            }
            // Blanks at the end of the text, with no line feed after.
            None if content > line => return None,
            None => break,
            Some(b'\t') if content - line < indent => return None,
            Some(_) if content - line < indent => break,
            Some(_) => {
                end = line_end(bytes, content);
                // Some readers end a last line that has no line feed with one.
                if end == bytes.len() {
                    return None;
                }
                line = after_break(bytes, end)?;
            }
        }
    }
    if header.keeps && end < line {
        let has_return = line > 1 && bytes[line - 2] == b'\r';
        end = line - if has_return { 2 } else { 1 };
    }
    Some(Block { form, end, indent, behind: line })
}

fn header(source: &str, start: usize) -> Option<Header> {
    let bytes = source.as_bytes();
    let mut at = start + 1;
    let mut keeps = None;
    let mut indent = None;
    loop {
        match *bytes.get(at)? {
            sign @ (b'+' | b'-') if keeps.is_none() => keeps = Some(sign == b'+'),
            digit @ b'1'..=b'9' if indent.is_none() => indent = Some(usize::from(digit - b'0')),
            _ => break,
        }
        at += 1;
    }
    let text = spaces(bytes, at);
    let line_end = line_end(bytes, text);
    let is_comment = bytes.get(text) == Some(&b'#') && text > at;
    if line_end == bytes.len() || (text != line_end && !is_comment) {
        return None;
    }
    let end = start + source[start..line_end].trim_end_matches([' ', '\t']).len();
    Some(Header { keeps: keeps == Some(true), indent, end, body: next_line(bytes, line_end) })
}

/// The first line that is not all spaces, and the number of spaces of the widest before it.
fn first_line(bytes: &[u8], body: usize) -> (usize, usize) {
    let mut line = body;
    let mut widest = 0;
    loop {
        let content = spaces(bytes, line);
        let Some(next) = after_break(bytes, content) else {
            return (line, widest);
        };
        widest = widest.max(content - line);
        line = next;
    }
}
