//! Lines, and the blanks before, between and after tokens.

/// The start of the line that holds an offset.
pub(crate) fn line_start(source: &str, offset: usize) -> usize {
    source[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The end of the line that holds an offset, before its line break.
pub(crate) fn line_end(source: &str, offset: usize) -> usize {
    let end = source[offset..].find('\n').map_or(source.len(), |at| offset + at);
    if end > offset && source.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
}

/// The place after the line break that is here.
pub(crate) fn after_line_break(source: &str, line_end: usize) -> Option<usize> {
    let rest = &source[line_end..];
    let rest_behind = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
    Some(source.len() - rest_behind.len())
}

/// The place before the line break above a line.
pub(crate) fn before_line_break(source: &str, line_start: usize) -> usize {
    let before = &source[..line_start];
    let before = before.strip_suffix('\n').unwrap_or(before);
    before.strip_suffix('\r').unwrap_or(before).len()
}

/// Skips blanks, line breaks and comments.
pub(crate) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => {
                at +=
                    bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            }
            // Elsewhere it would shift the columns of its line for some readers.
            Some(0xEF) if at == 0 && bytes.starts_with("\u{feff}".as_bytes()) => at += 3,
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_a_blank_at_the_start_alone() {
        assert_eq!(skip_blanks("\u{feff} # c\n\r\ta".as_bytes(), 0), 10);
        assert_eq!(skip_blanks("a\u{feff}b".as_bytes(), 1), 1);
        assert_eq!(skip_blanks(b"# c", 0), 3);
    }
}
