//! Where in the user's files the text of a function's configuration is.

use krm_package::{FieldPath, ItemId, LineIndex, Package, Position};

use crate::finding::Finding;

/// Where a configuration's text is.
#[derive(Debug)]
pub(super) enum Written<'p> {
    /// From this line of its file on, as it is there.
    From(usize),
    /// In a block of another file, which has this text.
    Block(&'p str),
    /// The values of a field of another file, which has this text.
    Mapping { text: &'p str, field: FieldPath },
    /// Here, in another form.
    At(Position),
}

impl Written<'_> {
    /// Puts what was found in a configuration on the lines of the file by which it is called.
    pub(super) fn place(&self, config: &str, file: &str, findings: &mut [Finding]) {
        for finding in findings {
            let field = finding.field.clone().unwrap_or_default();
            let own = finding.place.as_mut();
            let Some(place) = own.filter(|place| place.file == file && !place.is_origin) else {
                continue;
            };
            let found = place.position;
            place.position = match self {
                Self::From(first) => found.map(|found| later(found, first - 1, 0)),
                Self::Block(text) => found.and_then(|found| {
                    let (line, column) = block_in(text, config)?;
                    Some(later(found, line, column))
                }),
                Self::Mapping { text, field: of } => {
                    let path = field.path.below(&"data".into()).unwrap_or_default();
                    position_in(text, &of.clone().join(&path), field.is_key)
                }
                Self::At(position) => Some(*position),
            };
            let has_line = matches!(self, Self::From(_) | Self::Block(_));
            place.line = place.line.take().filter(|_| has_line && place.position.is_some());
            // A change of such a configuration is not one of the file's object.
            place.is_origin = !matches!(self, Self::From(_));
        }
    }
}

fn later(position: Position, lines: usize, columns: usize) -> Position {
    Position { line: position.line + lines, column: position.column + columns }
}

/// The lines before a block, and its indentation; `None` where the text has it twice, or in another form.
fn block_in(text: &str, block: &str) -> Option<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let block: Vec<&str> = block.lines().map(str::trim_end).collect();
    let indentation = |at: usize| {
        let first = block.iter().position(|line| !line.is_empty())?;
        let indent = lines.get(at + first)?.trim_end().len().checked_sub(block[first].len())?;
        let is_line = |(offset, line): (usize, &&str)| {
            let Some(other) = lines.get(at + offset).map(|line| line.trim_end()) else {
                return line.is_empty();
            };
            let (blank, rest) = other.split_at_checked(indent).unwrap_or(("", other));
            rest == *line && blank.chars().all(|c| c == ' ')
        };
        block.iter().enumerate().all(is_line).then_some((at, indent))
    };
    let mut found = (0..lines.len()).filter_map(indentation);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn position_in(text: &str, path: &FieldPath, is_key: bool) -> Option<Position> {
    let package = Package::stream(text).ok()?;
    let node = package.item(ItemId(0))?;
    let marked = if is_key { node.marked_key(path) } else { node.marked(path) };
    Some(LineIndex::of(text).position(marked.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_found_with_its_indentation() {
        let text = "resources: []\ntransformers:\n- |-\n  a: 1\n\n  b:\n    c: 2\n- x.yaml\n";
        assert_eq!(block_in(text, "a: 1\n\nb:\n  c: 2"), Some((3, 2)));
        assert_eq!(block_in(text, "a: 1\nb:\n"), None);
        assert_eq!(block_in("- |\n  a: 1\n- |\n  a: 1\n", "a: 1\n"), None);
    }
}
