//! The documents of a stream, as texts of their own.

use std::ops::Range;

use crate::package::Package;

/// One document of a stream, as it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'s> {
    /// Its text, with the separator and the comments before it, and what is after it up to the next
    /// separator. All documents after each other are the stream.
    pub text: &'s str,
    /// The places of its objects: one, or those of a list.
    pub items: Range<usize>,
    /// Whether it is a list, whose items are the objects.
    pub is_list: bool,
}

impl<'s> Package<'s> {
    /// The documents of a stream that are not empty, in order; none of a ResourceList.
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let package = Package::stream("a: 1 # one\n---\n# two\nb: 2\n")?;
    /// let texts: Vec<&str> = package.documents().iter().map(|document| document.text).collect();
    /// assert_eq!(texts, ["a: 1 # one\n", "---\n# two\nb: 2\n"]);
    /// # Ok::<(), krm_package::SourceError>(())
    /// ```
    #[must_use]
    pub fn documents(&self) -> Vec<Document<'s>> {
        let all = &self.contents.documents;
        let mut found: Vec<Document<'s>> = Vec::with_capacity(all.len());
        let (mut start, mut item) = (0, 0);
        for (place, document) in all.iter().enumerate() {
            let own = self.tree.span(document.node).end;
            let next = all.get(place + 1);
            let next = next.map(|next| self.tree.outer_span(next.node).start);
            let end = next.map_or(self.source.len(), |next| separator(self.source, own..next));
            let behind = self.tree.node(document.node).next;
            let items = item..self.contents.items.partition_point(|node| node.0 < behind);
            item = items.end;
            let text = &self.source[start..end];
            found.push(Document { text, items, is_list: document.item().is_none() });
            start = end;
        }
        found
    }
}

/// Where the next document begins between two: at its `---`, or at its first byte.
fn separator(source: &str, between: Range<usize>) -> usize {
    let mut at = between.start;
    for line in source[between.clone()].split_inclusive('\n') {
        let begins_line = at == 0 || source[..at].ends_with('\n');
        if begins_line && line.starts_with("---") {
            return at;
        }
        at += line.len();
    }
    between.end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(String, Range<usize>)> {
        let package = Package::stream(source).unwrap();
        let documents = package.documents();
        let all: String = documents.iter().map(|document| document.text).collect();
        assert_eq!(all, source);
        documents.into_iter().map(|document| (document.text.to_owned(), document.items)).collect()
    }

    #[test]
    fn a_stream_is_its_documents() {
        let found = texts("# first\na: |\n  text\n\n---\n---\nb: 2\n---\nc: 3");
        let expected =
            [("# first\na: |\n  text\n\n", 0..1), ("---\n---\nb: 2\n", 1..2), ("---\nc: 3", 2..3)];
        assert_eq!(found, expected.map(|(text, items)| (text.to_owned(), items)));
        assert_eq!(texts(""), []);
    }

    #[test]
    fn json_objects_and_lists_are_documents_as_well() {
        let found = texts("{\"a\": 1}\n{\"b\": 2} {\"c\": 3}\n");
        assert_eq!(found[1], ("{\"b\": 2} ".to_owned(), 1..2));
        let list =
            "kind: List\nitems:\n- {a: 1}\n- {b: 2}\n---\nkind: List\nitems: []\n---\nc: 3\n";
        let found: Vec<_> = texts(list).into_iter().map(|(_, items)| items).collect();
        assert_eq!(found, [0..2, 2..2, 2..3]);
    }
}
