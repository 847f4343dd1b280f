//! Which file a place of a stream lies in.

use std::rc::Rc;

use krm_package::Position;

use super::origin::Origin;
use super::place::Place;

/// The files that a stream was put together from; none where it came from a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// The first line of each in the stream, counted from 1, in order.
    starts: Vec<(usize, String)>,
    /// The first line of each object whose text is not that of a file, in order, with its origin.
    origins: Vec<(usize, Option<Rc<Origin>>)>,
}

impl Files {
    /// Adds the file that starts at a line of the stream, after those before it. Without a name it is a
    /// part that is in no file, such as what was rendered.
    pub fn push(&mut self, first_line: usize, name: &str) {
        self.starts.push((first_line, name.to_owned()));
    }

    /// Adds an object whose text is not that of a file, after those before it, with its origin as far as
    /// known.
    pub fn push_object(&mut self, first_line: usize, origin: Option<Rc<Origin>>) {
        self.push(first_line, "");
        self.origins.push((first_line, origin));
    }

    /// Adds the objects of another stream, which starts at a line of this one.
    pub fn extend(&mut self, first_line: usize, other: &Self) {
        let here = |line: usize| first_line + line - 1;
        self.starts.extend(other.starts.iter().map(|(line, name)| (here(*line), name.clone())));
        self.origins.extend(other.origins.iter().map(|(line, one)| (here(*line), one.clone())));
    }

    /// The origin of the object at a line of the stream.
    pub(super) fn origin(&self, line: usize) -> Option<&Origin> {
        // A file may follow.
        if self.at(line).is_some() {
            return None;
        }
        let after = self.origins.partition_point(|(first, _)| *first <= line);
        self.origins.get(after.checked_sub(1)?)?.1.as_deref()
    }

    /// Whether no file is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The file that a line of the stream is of, with the file's first line in the stream.
    #[must_use]
    pub fn at(&self, line: usize) -> Option<(usize, &str)> {
        let after = self.starts.partition_point(|(first, _)| *first <= line);
        let (first, name) = self.starts.get(after.checked_sub(1)?)?;
        (!name.is_empty()).then_some((*first, name))
    }

    /// The line of the stream that a file's line is.
    pub(super) fn line_in_stream(&self, name: &str, line: usize) -> Option<usize> {
        let (first, _) = self.starts.iter().find(|(_, known)| known == name)?;
        Some(first + line - 1)
    }

    /// A position of the stream as a place in its file.
    #[must_use]
    pub fn in_file(&self, position: Position) -> Option<Place> {
        let (first, file) = self.at(position.line)?;
        let line = position.line - first + 1;
        Some(Place { position: Some(Position { line, ..position }), ..Place::of_file(file) })
    }

    /// A place as a message shows it: `ingress.yaml: line 3, column 5`.
    #[must_use]
    pub fn place(&self, position: Position) -> String {
        match self.at(position.line) {
            None => position.to_string(),
            Some((first, name)) => {
                let line = position.line - first + 1;
                format!("{name}: {}", Position { line, ..position })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file() {
        let at = |line| Position { line, column: 2 };
        assert_eq!(Files::default().place(at(7)), "line 7, column 2");
        let mut files = Files::default();
        files.push(1, "a.yaml");
        files.push(5, "b.yaml");
        assert_eq!(files.place(at(4)), "a.yaml: line 4, column 2");
        assert_eq!(files.place(at(5)), "b.yaml: line 1, column 2");
        assert_eq!(files.place(at(9)), "b.yaml: line 5, column 2");
        files.push(10, "");
        assert_eq!(files.at(11), None);
    }
}
