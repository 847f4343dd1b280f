//! Whole texts, and parts of one, through the [`Composer`].

use std::ops::Range;

use super::Composer;
use crate::error::SourceError;
use crate::syntax::build::Builder;
use crate::syntax::characters;
use crate::syntax::tree::Tree;

/// More than any manifest; the stack and the time of a parse stay small.
const MAX_DEPTH: usize = 250;

/// Reads a YAML stream of less than 4 GiB, all of it through the [`Composer`].
pub(crate) fn compose(source: &str) -> Result<Tree, SourceError> {
    let mut builder = Builder::new(source);
    characters::check(source, 0..source.len())?;
    Composer::new(source, 0..source.len(), &mut builder, MAX_DEPTH).stream()?;
    Ok(builder.finish())
}

/// Reads the first document of a text, in which a key may be twice.
///
/// # Errors
/// What Go's readers refuse, aliases that expand without measure, and nesting of more than 250.
pub(in crate::syntax) fn parse_first(source: &str) -> Result<Tree, SourceError> {
    if u32::try_from(source.len()).is_err() {
        return Err(SourceError::at(source, 0, "the text is 4 GiB or longer; split it"));
    }
    let mut builder = Builder::new(source).taking_duplicates();
    characters::check(source, 0..source.len())?;
    Composer::new(source, 0..source.len(), &mut builder, MAX_DEPTH).first_document()?;
    Ok(builder.finish())
}

/// Reads one document of a stream, from its `---`, or the stream's start, to before the next one's.
///
/// # Errors
/// What [`parse`](crate::syntax::parse::parse) refuses, and a piece that is not one document.
pub(in crate::syntax) fn parse_document<'s>(
    builder: &mut Builder<'s>,
    source: &'s str,
    piece: Range<usize>,
) -> Result<(), SourceError> {
    characters::check(source, piece.clone())?;
    let roots = builder.roots();
    let start = piece.start;
    Composer::new(source, piece, &mut *builder, MAX_DEPTH).stream()?;
    if builder.roots() == roots + 1 { Ok(()) } else { Err(SourceError::at(source, start, "")) }
}

/// Reads one entry of the block sequence that is open in the builder, `depth` collections deep with
/// it: its lines from the dash's to before the next entry's.
///
/// # Errors
/// What [`parse`](crate::syntax::parse::parse) refuses, and a piece that is not one entry.
pub(in crate::syntax) fn parse_entry<'s>(
    builder: &mut Builder<'s>,
    source: &'s str,
    piece: Range<usize>,
    depth: usize,
) -> Result<(), SourceError> {
    characters::check(source, piece.clone())?;
    Composer::new(source, piece, builder, MAX_DEPTH.saturating_sub(depth)).entry()
}
