//! The lines of a source, found once for many places.

use std::ops::Range;

use crate::error::Position;

/// Where each line of a source starts.
#[derive(Debug, Clone)]
pub struct LineIndex<'s> {
    source: &'s str,
    starts: Vec<usize>,
}

impl<'s> LineIndex<'s> {
    /// Finds the lines.
    #[must_use]
    pub fn of(source: &'s str) -> Self {
        let behind = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(behind.map(|(at, _)| at + 1)).collect();
        Self { source, starts }
    }

    /// The position of a byte offset.
    ///
    /// ```
    /// use krm_package::LineIndex;
    ///
    /// let lines = LineIndex::of("kind: A\r\nspec: {}\n");
    /// assert_eq!(lines.position(15).to_string(), "line 2, column 7");
    /// assert_eq!(lines.line(15), 9..17);
    /// assert_eq!(lines.line(0), 0..7);
    /// ```
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let line = self.number(offset);
        let before = &self.source[self.starts[line]..self.floor(offset)];
        let column = before.chars().filter(|c| *c != '\u{feff}').count() + 1;
        Position { line: line + 1, column }
    }

    /// The line of a byte offset, without its line break.
    #[must_use]
    pub fn line(&self, offset: usize) -> Range<usize> {
        let line = self.number(offset);
        let start = self.starts[line];
        let end = self.starts.get(line + 1).map_or(self.source.len(), |next| next - 1);
        let text = self.source[start..end].strip_suffix('\r');
        start..text.map_or(end, |text| start + text.len())
    }

    fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.source.len());
        while !self.source.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
