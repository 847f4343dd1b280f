//! What the parser reads where the fast reader gave up.

use std::ops::Range;

use super::state::{GaveUp, Skim};
use super::text::{marker, next_line, spaces};
use crate::syntax::build::Mark;
use crate::syntax::compose::{parse_document, parse_entry};

/// What it costs the parser to begin, in bytes that it could read meanwhile.
const PIECE_COST: usize = 400;

impl Skim<'_> {
    /// Has the parser read the entry in which this reader gave up.
    #[cold]
    pub(super) fn entry_by_parser(&mut self) -> Result<usize, GaveUp> {
        let indent = self.entry_indent as usize;
        let Some(entry) = self.entry.take() else {
            return Err(GaveUp::Document);
        };
        self.leave_entry();
        self.builder.go_back(&entry.mark);
        self.levels.truncate(entry.levels);
        self.missing = None;
        self.waiting = None;
        self.plain_is_open = false;
        let mut end = next_line(self.bytes, entry.start);
        loop {
            let start = spaces(self.bytes, end);
            match self.bytes.get(start) {
                None => {
                    end = self.bytes.len();
                    break;
                }
                Some(b'\n' | b'\r' | b'#' | b'\t') => {}
                Some(_) if start - end < indent => break,
                Some(_) => {}
            }
            end = next_line(self.bytes, start);
        }
        let piece = entry.start..end;
        self.spend_on(&piece).ok_or(GaveUp::Whole)?;
        parse_entry(&mut self.builder, self.source, piece, entry.levels - 1)
            .map_err(|_| GaveUp::Whole)?;
        Ok(end)
    }

    /// Has the parser read the document in which this reader gave up.
    #[cold]
    pub(super) fn document_by_parser(&mut self, begin: usize, mark: &Mark) -> Option<usize> {
        self.builder.go_back(mark);
        let mut end = next_line(self.bytes, begin);
        if begin == 0 && marker(self.bytes, 0) != Some(b"---") {
            end = 0;
        }
        while end < self.bytes.len() {
            match marker(self.bytes, end) {
                Some(b"---") => break,
                Some(_) => return None,
                None if self.bytes[end] == b'%' => return None,
                None => end = next_line(self.bytes, end),
            }
        }
        while self.pieces.pop_if(|piece| piece.start >= begin).is_some() {}
        self.spend_on(&(begin..end))?;
        parse_document(&mut self.builder, self.source, begin..end).ok()?;
        Some(end)
    }

    fn spend_on(&mut self, piece: &Range<usize>) -> Option<()> {
        self.budget = self.budget.checked_sub(piece.len() + PIECE_COST)?;
        self.clean.skip_to(piece.end);
        self.pieces.push(piece.clone());
        Some(())
    }
}
