//! Where in the user's files a finding's field stands.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use krm_package::{FieldPath, LineIndex, NodeRef, Position};

use super::config::FunctionConfig;
use super::files::Files;
use super::finding::{Field, Finding};
use super::items::{Item, Items};
use super::resource_ref::ResourceRef;
use super::secrets::Secrets;

/// A longer line is not shown.
const LONGEST_LINE: usize = 400;
const HIDDEN: &str = "…";

/// The place of a finding's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user or the host names it.
    pub file: String,
    /// The object's place in the file, counted from 0, where the host says so.
    pub index: Option<u64>,
    /// Line and column in the file. A host passes no file, and so no line.
    pub position: Option<Position>,
    /// The line, where it can be shown.
    pub line: Option<SourceLine>,
}

/// A line of the user's text, secrets hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// Its text.
    pub text: String,
    /// The bytes of it that the finding is about.
    pub marked: Range<usize>,
}

fn marked(object: NodeRef<'_>, field: &Field) -> Range<usize> {
    if field.is_key { object.marked_key(&field.path) } else { object.marked(&field.path) }
}

/// What places are looked up in.
pub(super) struct Places<'r, 'p> {
    items: HashMap<&'r ResourceRef, Option<&'r Item<'p>>>,
    files: &'r Files,
    config: Option<&'r FunctionConfig<'r>>,
    secrets: &'r Secrets,
    secret_fields: &'r [&'r str],
    lines: OnceCell<LineIndex<'r>>,
}

impl<'r, 'p: 'r> Places<'r, 'p> {
    pub(super) fn of(
        items: &'r Items<'p>,
        files: &'r Files,
        config: Option<&'r FunctionConfig<'r>>,
        secrets: &'r Secrets,
        secret_fields: &'r [&'r str],
    ) -> Self {
        let mut known: HashMap<&ResourceRef, Option<&Item<'_>>> = HashMap::new();
        for item in items.iter() {
            // Of an object that the package holds twice, nobody knows which one is meant.
            known.entry(&item.resource).and_modify(|twice| *twice = None).or_insert(Some(item));
        }
        Self { items: known, files, config, secrets, secret_fields, lines: OnceCell::new() }
    }

    /// Gives findings their places.
    pub(super) fn set<C>(&self, findings: &mut [Finding<C>]) {
        for finding in findings {
            let Some(resource) = finding.resource.as_ref().filter(|_| finding.place.is_none())
            else {
                continue;
            };
            let field = finding.field.clone().unwrap_or_default();
            finding.place = match self.items.get(resource) {
                Some(item) => item.and_then(|item| self.of_item(item, &field)),
                None => self.of_config(resource, &field),
            };
        }
    }

    fn of_item(&self, item: &'r Item<'p>, field: &Field) -> Option<Place> {
        let host = item.path.as_ref().map(|file| Place {
            file: file.clone(),
            index: item.index,
            position: None,
            line: None,
        });
        if self.files.is_empty() {
            return host;
        }
        let lines = self.lines.get_or_init(|| LineIndex::of(item.node.source()));
        let marked = marked(item.node, field);
        let position = lines.position(marked.start);
        let (first, file) = self.files.at(position.line)?;
        let line = position.line - first + 1;
        let is_secret = self.is_secret(&item.resource, &field.path);
        Some(Place {
            file: file.to_owned(),
            index: None,
            position: Some(Position { line, ..position }),
            line: self.source_line(item.node, lines, marked, is_secret),
        })
    }

    fn of_config(&self, resource: &ResourceRef, field: &Field) -> Option<Place> {
        let config = self.config.filter(|config| config.resource() == resource)?;
        let file = config.file()?.to_owned();
        let node = config.node();
        let lines = LineIndex::of(node.source());
        let marked = marked(node, field);
        let position = Some(lines.position(marked.start));
        let is_secret = self.is_secret(resource, &field.path);
        let line = self.source_line(node, &lines, marked, is_secret);
        Some(Place { file, index: None, position, line })
    }

    /// Whether a field holds secrets, whatever their text.
    fn is_secret(&self, resource: &ResourceRef, path: &FieldPath) -> bool {
        let path = path.to_string();
        resource.kind == "Secret" || self.is_about_secrets(&path)
    }

    fn is_about_secrets(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.secret_fields.iter().any(|field| text.contains(&field.to_ascii_lowercase()))
    }

    /// The line of what is marked. A scalar that is a secret, or holds one, is hidden whole, however it is
    /// written; on a line about secrets every value is.
    fn source_line(
        &self,
        node: NodeRef<'_>,
        lines: &LineIndex<'_>,
        marked: Range<usize>,
        is_secret: bool,
    ) -> Option<SourceLine> {
        let source = node.source();
        let line = lines.line(marked.start);
        if line.len() > LONGEST_LINE {
            return None;
        }
        let is_secret = is_secret || self.is_about_secrets(&source[line.clone()]);
        let mut text = String::new();
        let mut shown = 0..0;
        let mut at = line.start;
        let mut push = |text: &mut String, part: Range<usize>, hidden: bool| {
            if marked.start >= part.start && marked.start < part.end.max(part.start + 1) {
                let before = if hidden { 0 } else { marked.start - part.start };
                shown.start = text.len() + before;
                let length =
                    if hidden { HIDDEN.len() } else { marked.end.min(part.end) - marked.start };
                shown.end = shown.start + length;
            }
            text.push_str(if hidden { HIDDEN } else { &source[part] });
        };
        for (span, value) in node.scalars_in(&line) {
            let part = span.start.max(line.start)..span.end.min(line.end);
            let is_key = source[part.end..line.end].trim_start().starts_with(':');
            if part.start < at || part.is_empty() {
                continue;
            }
            if (is_secret && !is_key) || self.secrets.is_in(&value) {
                push(&mut text, at..part.start, false);
                push(&mut text, part.clone(), true);
                at = part.end;
            }
        }
        // What stands behind the last value is a comment.
        let end = match source[at..line.end].find(" #") {
            Some(comment) if is_secret => at + comment,
            _ => line.end,
        };
        push(&mut text, at..end, false);
        let is_hidden = self.secrets.is_in(&text) || text.chars().any(char::is_control);
        (!is_hidden && shown.end <= text.len()).then_some(SourceLine { text, marked: shown })
    }
}
