//! Where the user's files give the values of a generated object.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use krm_package::{FieldPath, ItemId, LineIndex, NodeRef, Package, Position};
use kustomize_types::env_file::EnvEntry;

use crate::runtime::{Origin, OriginEntry};

/// A place in a file: its position, and its line with the bytes before it.
pub(super) type Place = (Position, (String, usize));

/// A key with its value, and where the user's files have it.
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: Vec<u8>,
    pub(super) file: PathBuf,
    /// None where the value is the whole file.
    pub(super) place: Option<Place>,
}

impl Pair {
    /// The field that gets the value, as it is written there.
    pub(super) fn entry(self, field: &str, value: String) -> OriginEntry {
        let (position, line) = self.place.unzip();
        OriginEntry {
            path: FieldPath::from(field).key(self.key),
            value,
            file: self.file.display().to_string(),
            position,
            line,
        }
    }
}

/// The pairs of an env file.
pub(super) fn of_env(file: &Path, bytes: &[u8], entries: &[EnvEntry]) -> Vec<Pair> {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let pair = |entry: &EnvEntry| {
        let line = lines.get(entry.line - 1).copied().unwrap_or_default();
        let line = line.trim_start_matches('\u{feff}').to_owned();
        let start = line.find('=').map_or(0, |at| at + 1);
        let column = line[..start].chars().count() + 1;
        Pair {
            key: entry.key.clone(),
            value: entry.value.clone().into_bytes(),
            file: file.to_owned(),
            place: Some((Position { line: entry.line, column }, (line, start))),
        }
    };
    entries.iter().map(pair).collect()
}

/// The text of a kustomization, in which its fields have their places. It is parsed once for all of them.
pub(super) struct Source<'k> {
    pub(super) file: &'k Path,
    text: &'k str,
    package: Option<Package<'k>>,
    lines: LineIndex<'k>,
}

impl<'k> Source<'k> {
    pub(super) fn of(file: &'k Path, text: &'k str) -> Self {
        Self { file, text, package: Package::stream(text).ok(), lines: LineIndex::of(text) }
    }

    /// The origin of what an entry of a generator's field creates.
    pub(super) fn origin(&self, field: &str, index: usize) -> Option<Origin> {
        let (position, _) = self.place(self.entry(field, index)?)?;
        let file = self.file.display().to_string();
        Some(Origin { file, position, text: None, entries: Vec::new() })
    }

    /// The places of the texts of a list in an entry of a generator's field, in their order.
    pub(super) fn places(&self, field: &str, index: usize, list: &str) -> Vec<Option<Place>> {
        let list = self.entry(field, index).and_then(|entry| entry.get(list));
        let texts = list.into_iter().flat_map(NodeRef::elements);
        texts.map(|text| self.place(text)).collect()
    }

    fn entry(&self, field: &str, index: usize) -> Option<NodeRef<'_>> {
        let kustomization = self.package.as_ref()?.item(ItemId(0))?;
        kustomization.find(&FieldPath::from(field).index(index))
    }

    fn place(&self, node: NodeRef<'_>) -> Option<Place> {
        let offset = node.marked(&FieldPath::default()).start;
        let line = self.lines.line(offset);
        let written = self.text.get(line.clone())?;
        let shown = written.trim_start_matches('\u{feff}');
        let start = (offset - line.start).checked_sub(written.len() - shown.len())?;
        Some((self.lines.position(offset), (shown.to_owned(), start)))
    }
}
