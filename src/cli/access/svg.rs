//! Rows as a picture. Each column is as wide as its longest text, at [`CHARACTER`] pixels a character,
//! which no character of the font exceeds.

use super::super::table::Rows;
use crate::cli::svg::{CHARACTER, columns as width_of, picture, push_text};

const LINE: usize = 20;
const PADDING: usize = 10;

/// A table, in the colours of the reader's own scheme.
pub(super) fn of(rows: &Rows) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width_of(cell)).max().unwrap_or(0) * CHARACTER + 2 * PADDING
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let (all, height) = (widths.iter().sum::<usize>().max(1), rows.len().max(1) * LINE);
    let mut body = String::new();
    for (row, cells) in rows.iter().enumerate() {
        let class = match row {
            0 => "heading",
            _ if row % 2 == 0 => "even",
            _ => "odd",
        };
        body.push_str(&format!(
            "<rect class=\"{class}\" x=\"0\" y=\"{}\" width=\"{all}\" height=\"{LINE}\"/>\n",
            row * LINE
        ));
        let mut left = 0;
        for (cell, width) in cells.iter().zip(&widths) {
            push_text(&mut body, left + PADDING, row * LINE + 14, cell);
            left += width;
        }
    }
    picture(all, height, STYLE, &body)
}

const STYLE: &str = "<style>\n\
text { font: 12px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #1b1f24; }\n\
rect { fill: #ffffff; }\n\
rect.heading { fill: #e7eefc; }\n\
rect.even { fill: #f6f8fa; }\n\
@media (prefers-color-scheme: dark) {\n\
text { fill: #e6edf3; }\n\
rect { fill: #0d1117; }\n\
rect.heading { fill: #1c2a44; }\n\
rect.even { fill: #161b22; }\n\
}\n\
</style>\n";
