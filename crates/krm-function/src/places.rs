//! Where in the user's files a finding's field is.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use krm_package::{FieldPath, ItemId, LineIndex, NodeRef, Package, Position, Segment};

use super::annotated::Annotated;
use super::config::FunctionConfig;
use super::files::Files;
use super::finding::{Field, Finding};
use super::items::{Item, Items};
use super::origin::{Origin, OriginEntry};
use super::place::{HIDDEN, LONGEST_LINE, Place, SourceLine};
use super::resource_ref::ResourceRef;
use super::secrets::Secrets;

/// An object that the package holds once; of one that it holds several times, all.
type Known<'r, 'p> = Vec<&'r Item<'p>>;

fn marked(object: NodeRef<'_>, field: &Field) -> Range<usize> {
    if field.is_key { object.marked_key(&field.path) } else { object.marked(&field.path) }
}

/// Of objects of one name, nobody knows which one is meant, unless it is the name: then the last, which is the one
/// that is applied last.
fn which<'r, 'p>(items: &[&'r Item<'p>], path: &FieldPath) -> Option<&'r Item<'p>> {
    match items {
        [only] => Some(only),
        [.., last] if path == "metadata.name" => Some(last),
        _ => None,
    }
}

/// The key that is in front of a value, as in an env file; in a list of literals the entry may be quoted.
fn at_key(place: Place, path: &FieldPath) -> Place {
    let Some(Segment::Key(key)) = path.segments().last() else { return place };
    let (Some(position), Some(line)) = (place.position, &place.line) else { return place };
    let before = line.text.get(..line.marked.start).unwrap_or_default();
    let Some(start) = before.strip_suffix('=').and_then(|before| before.strip_suffix(key.as_str()))
    else {
        return place;
    };
    let column = position.column - key.chars().count() - 1;
    let line = SourceLine { marked: start.len()..start.len() + key.len(), ..line.clone() };
    Place { position: Some(Position { column, ..position }), line: Some(line), ..place }
}

/// The file that the host says it built an object from.
fn of_host(object: NodeRef<'_>) -> Option<Place> {
    Some(Place::origin(&Annotated::of(object).origin()?, None))
}

/// What places are looked up in.
pub(super) struct Places<'r, 'p> {
    items: &'r Items<'p>,
    known: OnceCell<HashMap<&'r ResourceRef, Known<'r, 'p>>>,
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
        let (known, lines) = (OnceCell::new(), OnceCell::new());
        Self { items, known, files, config, secrets, secret_fields, lines }
    }

    /// Gives findings their places.
    pub(super) fn set<C>(&self, findings: &mut [Finding<C>]) {
        for finding in findings {
            let Some(resource) = finding.resource.as_ref().filter(|_| finding.place.is_none())
            else {
                continue;
            };
            let mut field = finding.field.clone().unwrap_or_default();
            field.is_key |= finding.fix.as_ref().is_some_and(|fix| fix.renames(&field.path));
            let place = match self.known().get(resource) {
                Some(items) => {
                    which(items, &field.path).and_then(|item| self.of_item(item, &field))
                }
                None => self.of_config(resource, &field),
            };
            finding.place = place.map(Box::new);
        }
    }

    /// The objects by name.
    fn known(&self) -> &HashMap<&'r ResourceRef, Known<'r, 'p>> {
        self.known.get_or_init(|| {
            let mut known: HashMap<&ResourceRef, Known<'_, '_>> = HashMap::new();
            for item in self.items.iter() {
                known.entry(&item.resource).or_default().push(item);
            }
            known
        })
    }

    fn of_item(&self, item: &'r Item<'p>, field: &Field) -> Option<Place> {
        if self.files.is_empty() {
            return match &item.path {
                Some(file) => Some(Place { index: item.index, ..Place::of_file(file) }),
                None => of_host(item.node),
            };
        }
        let lines = self.lines.get_or_init(|| LineIndex::of(item.node.source()));
        let marked = marked(item.node, field);
        if let Some(origin) = self.files.origin(lines.position(marked.start).line) {
            return Some(self.of_origin(item, field, origin));
        }
        let place = self.files.in_file(lines.position(marked.start))?;
        let is_secret = self.is_secret(&item.resource, &field.path);
        Some(Place { line: self.source_line(item.node, lines, marked, is_secret), ..place })
    }

    /// The place in the file that a rendered object is from. A field that the rendering changed is not
    /// there: of it the file alone is named.
    fn of_origin(&self, item: &Item<'_>, field: &Field, origin: &Origin) -> Place {
        let Origin { file, position, text, .. } = origin;
        let path = &field.path;
        let value = |object: NodeRef<'_>| object.find(path).map(|node| node.value().ok());
        if let Some(entry) = origin.entry(path) {
            let rendered = item.node.find(path).and_then(NodeRef::as_str);
            return match rendered.as_deref() == Some(entry.value.as_str()) {
                true => {
                    let line = self.entry_line(entry, self.is_secret(&item.resource, path));
                    let place = Place { line, ..Place::origin(&entry.file, entry.position) };
                    if field.is_key { at_key(place, path) } else { place }
                }
                false => Place::origin(&entry.file, None),
            };
        }
        let Some(text) = text else { return Place::origin(file, Some(*position)) };
        let changed = Place::origin(file, None);
        let Ok(package) = Package::stream(text) else { return changed };
        let Some(object) = package.item(ItemId(0)) else { return changed };
        if !path.is_root() && value(object) != value(item.node) {
            return changed;
        }
        let lines = LineIndex::of(text);
        let marked = marked(object, field);
        let found = lines.position(marked.start);
        let place = Position { line: position.line + found.line - 1, ..found };
        let is_secret = self.is_secret(&item.resource, path);
        let line = self.source_line(object, &lines, marked, is_secret);
        Place { line, ..Place::origin(file, Some(place)) }
    }

    /// The line that gives a value, without the value where that is a secret, or holds one.
    fn entry_line(&self, entry: &OriginEntry, is_secret: bool) -> Option<SourceLine> {
        let (line, start) = entry.line.as_ref().filter(|(line, _)| line.len() <= LONGEST_LINE)?;
        let (before, value) = (line.get(..*start)?, line.get(*start..)?);
        let is_secret = is_secret || self.is_about_secrets(line) || self.secrets.is_in(value);
        let value = if is_secret && !value.is_empty() { HIDDEN } else { value };
        let text = format!("{before}{value}");
        let marked = before.len()..text.len();
        (!self.secrets.is_in(&text)).then(|| SourceLine { text, marked }.visible())
    }

    fn of_config(&self, resource: &ResourceRef, field: &Field) -> Option<Place> {
        let config = self.config.filter(|config| config.resource() == resource)?;
        let node = config.node();
        let Some(file) = config.file() else { return of_host(node) };
        let lines = LineIndex::of(node.source());
        let marked = marked(node, field);
        let position = Some(lines.position(marked.start));
        let is_secret = self.is_secret(resource, &field.path);
        let line = self.source_line(node, &lines, marked, is_secret);
        Some(Place { position, line, ..Place::of_file(file) })
    }

    /// Whether a field holds secrets, whatever their text.
    fn is_secret(&self, resource: &ResourceRef, path: &FieldPath) -> bool {
        let path = path.to_string();
        resource.kind == "Secret" || self.is_about_secrets(&path)
    }

    fn is_about_secrets(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.secret_fields.iter().map(|field| field.as_bytes()).any(|field| {
            field.is_empty()
                || text.windows(field.len()).any(|part| part.eq_ignore_ascii_case(field))
        })
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
        // What is after the last value is a comment.
        let end = match source[at..line.end].find(" #") {
            Some(comment) if is_secret => at + comment,
            _ => line.end,
        };
        push(&mut text, at..end, false);
        let is_shown = !self.secrets.is_in(&text) && shown.end <= text.len();
        is_shown.then(|| SourceLine { text, marked: shown }.visible())
    }
}
