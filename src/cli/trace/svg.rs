//! Traces as a picture. Every text is broken into lines that its box is wide enough for: a character
//! of the font is never wider than [`CHARACTER`].

use crate::cli::svg::{CHARACTER, column, columns, picture, push_text};
use crate::path::simulator::{HopVerdict, Trace};

const LINE: usize = 17;
const COLUMNS: usize = 88;
const PADDING: usize = 10;
const GAP: usize = 14;

/// One picture, the traces below each other; in the colours of the reader's own scheme.
pub(super) fn of(traces: &[Trace]) -> String {
    let width = COLUMNS * CHARACTER + 4 * PADDING;
    let mut body = String::new();
    let mut top = PADDING;
    for trace in traces {
        top = push_box(&mut body, top, "request", &trace.request);
        for hop in &trace.hops {
            let class = match hop.verdict {
                HopVerdict::Passes => "passes",
                HopVerdict::Ends => "ends",
                HopVerdict::Unknown => "unknown",
            };
            let by = hop.by.as_ref().map(|by| format!(" [{by}]")).unwrap_or_default();
            let text = format!("{}: {}{by}", hop.place.as_str(), hop.text);
            top = push_box(&mut body, top, class, &text);
        }
        top = push_box(&mut body, top, "outcome", &trace.outcome.to_string()) + GAP;
    }
    picture(width, top, STYLE, &body)
}

const STYLE: &str = "<style>\n\
svg { background: #ffffff; }\n\
text { font: 12px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #1b1f24; }\n\
rect { fill: #f6f8fa; stroke: #8c959f; }\n\
rect.ends { stroke: #b00020; stroke-width: 2; }\n\
rect.unknown { stroke-dasharray: 5; }\n\
rect.request, rect.outcome { fill: #e7eefc; }\n\
@media (prefers-color-scheme: dark) {\n\
svg { background: #0d1117; }\n\
text { fill: #e6edf3; }\n\
rect { fill: #161b22; stroke: #6e7681; }\n\
rect.ends { stroke: #ff7b72; }\n\
rect.request, rect.outcome { fill: #1c2a44; }\n\
}\n\
</style>\n";

/// Adds a box with a text; gives the top of what comes below.
fn push_box(body: &mut String, top: usize, class: &str, text: &str) -> usize {
    let lines = lines(text);
    let width = COLUMNS * CHARACTER + 2 * PADDING;
    let height = lines.len() * LINE + PADDING;
    body.push_str(&format!(
        "<rect class=\"{class}\" x=\"{PADDING}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>\n"
    ));
    for (place, line) in lines.iter().enumerate() {
        push_text(body, 2 * PADDING, top + (place + 1) * LINE, line);
    }
    top + height + GAP
}

/// Lines that are at most [`COLUMNS`] characters wide, broken at spaces where there are any.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in text.split_whitespace() {
        let separator = usize::from(width > 0);
        if width > 0 && width + separator + columns(word) > COLUMNS {
            lines.push(String::new());
            width = 0;
        } else if separator == 1 {
            push(&mut lines, ' ', &mut width);
        }
        for c in word.chars() {
            if width + column(c) > COLUMNS {
                lines.push(String::new());
                width = 0;
            }
            push(&mut lines, c, &mut width);
        }
    }
    lines
}

/// Adds a character to the last line.
fn push(lines: &mut [String], c: char, width: &mut usize) {
    if let Some(line) = lines.last_mut() {
        line.push(c);
        *width += column(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_its_box() {
        let long = "x".repeat(3 * COLUMNS + 5);
        let wide = "模".repeat(COLUMNS);
        for text in ["", "a b", &long, &wide, &format!("a {long} b"), &"word ".repeat(200)] {
            let lines = lines(text);
            assert!(lines.iter().all(|line| columns(line) <= COLUMNS), "{lines:?}");
            let words: String = lines.concat().split_whitespace().collect();
            assert_eq!(words, text.split_whitespace().collect::<String>());
        }
    }
}
