//! What the pictures have in common: SVG in the colours of the reader's own scheme.

/// The width of a character of a monospaced font of 12 pixels, in pixels: none is wider.
pub(super) const CHARACTER: usize = 8;

/// How many characters wide a text is: what is not ASCII may be as wide as two of a monospaced font.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(column).sum()
}

/// How many characters wide a character is.
pub(super) fn column(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// A picture of this width and height, in pixels, with its own style.
pub(super) fn picture(width: usize, height: usize, style: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n{style}{body}</svg>\n"
    )
}

/// A line of text at a place, in pixels.
pub(super) fn push_text(body: &mut String, x: usize, y: usize, text: &str) {
    if text.is_empty() {
        return;
    }
    body.push_str(&format!("<text x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(text)));
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_not_markup() {
        assert_eq!(escaped("<a & b>\n"), "&lt;a &amp; b&gt; ");
    }
}
