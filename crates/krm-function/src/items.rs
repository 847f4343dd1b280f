//! The objects that a function looks at, each with its name.

use super::accept::Acceptances;
use super::annotated::Annotated;
use super::diags::{Flaw, Misread, NotAnObject};
use super::files::Files;
use super::fix::Fix;
use super::place::Place;
use super::resource_ref::ResourceRef;
use super::unparsed;
use json_patch::{AddOperation, Patch, PatchOperation, ReplaceOperation};
use krm_package::{Edit, FieldPath, ItemId, NodeRef, Package, ReadError, Segment};
use serde_json::{Value, json};

/// One object of the package, to be read and never changed.
#[derive(Debug, Clone)]
pub struct Item<'p> {
    /// Its place, which names it in an edit. Names do not: a package may hold an object twice.
    pub id: ItemId,
    /// Its text.
    pub node: NodeRef<'p>,
    /// What a finding calls it.
    pub resource: ResourceRef,
    /// The file that it came from, relative to its package, where the host says so.
    pub path: Option<String>,
    /// Its place in the input of that file, counted from 0, where the host says so.
    pub index: Option<u64>,
}

impl<'p> Item<'p> {
    /// Names an object.
    ///
    /// # Errors
    /// A node that is not an object: not a mapping, or without `apiVersion`, `kind` or `metadata.name`.
    pub fn of(id: ItemId, node: NodeRef<'p>, files: &Files) -> Result<Self, NotAnObject> {
        let text = |node: NodeRef<'_>, key: &str| {
            node.get(key).and_then(NodeRef::as_str).map(std::borrow::Cow::into_owned)
        };
        let metadata = node.get("metadata");
        let annotated = Annotated::of(node);
        let (path, index) = (annotated.path(), annotated.index());
        let resource = ResourceRef {
            api_version: text(node, "apiVersion").unwrap_or_default(),
            kind: text(node, "kind").unwrap_or_default(),
            namespace: metadata.and_then(|metadata| text(metadata, "namespace")),
            name: metadata.and_then(|metadata| text(metadata, "name")).unwrap_or_default(),
        };
        let name =
            metadata.and_then(|metadata| metadata.get("name")).filter(|name| !name.is_null());
        let generated = metadata.is_some_and(|metadata| metadata.get("generateName").is_some());
        // A number or a boolean, which a string without quotes may be.
        let is_other = |key: &str| {
            node.get(key).is_some_and(|value| !value.is_null() && value.as_str().is_none())
        };
        let flaw = match &resource {
            _ if !node.is_mapping() => Some(Flaw::NotAMapping),
            found if found.api_version.is_empty() => Some(if is_other("apiVersion") {
                Flaw::ApiVersionNotText
            } else {
                Flaw::NoApiVersion
            }),
            found if found.kind.is_empty() => {
                Some(if is_other("kind") { Flaw::KindNotText } else { Flaw::NoKind })
            }
            found if found.name.is_empty() && name.is_some_and(|name| name.as_str().is_none()) => {
                Some(Flaw::NameNotText)
            }
            found if found.name.is_empty() && !generated => Some(Flaw::NoName),
            _ => None,
        };
        if let Some(flaw) = flaw.filter(|_| !is_kustomization(path.as_deref())) {
            let position = node.position_of(&flaw.field());
            let place = files.in_file(position);
            let line = unparsed::source_line(node.source(), position);
            let place = place.map(|place| Place { line, ..place });
            return Err(NotAnObject { id, path, flaw, position, place });
        }
        Ok(Self { id, node, resource, path, index })
    }

    /// Whether the object is of an API group and kind, in any version.
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.resource.group() == group && self.resource.kind == kind
    }

    /// Reads the object as a type.
    ///
    /// # Errors
    /// Where and why it is not of that type, which becomes a [`Finding`](crate::Finding) on the object by `into`.
    pub fn read<T: serde::Deserialize<'p>>(&self) -> Result<T, Misread> {
        self.node.read().map_err(|error| self.misread(error))
    }

    /// That the object, as it is or as it will be, is not of the required type.
    #[must_use]
    pub fn misread(&self, error: ReadError) -> Misread {
        let fix = Fix::of_error(self.node, &FieldPath::root(), &error);
        Misread { resource: self.resource.clone(), error, fix }
    }

    /// Plans that a field has a value: mappings on the way that are missing are added. `None` where the
    /// value is there already.
    #[must_use]
    pub fn set(&self, path: impl Into<FieldPath>, value: impl Into<Value>) -> Option<Edit> {
        let (path, value) = (path.into(), value.into());
        let segments = path.segments();
        let part = |depth: usize| segments[..depth].iter().cloned().collect::<FieldPath>();
        let is_there = |depth: &usize| {
            let node = self.node.find(&part(*depth));
            node.is_some_and(|node| *depth == segments.len() || !node.is_null())
        };
        let there = (0..=segments.len()).take_while(is_there).last().unwrap_or(0);
        let operation = if there == segments.len() {
            if self.node.find(&path)?.value().is_ok_and(|found| found == value) {
                return None;
            }
            PatchOperation::Replace(ReplaceOperation { path: path.to_pointer(), value })
        } else {
            let missing = segments[there + 1..].iter().rev();
            let value = missing.fold(value, |value, segment| match segment {
                Segment::Key(key) => json!({ key: value }),
                Segment::Index(_) => json!([value]),
            });
            PatchOperation::Add(AddOperation { path: part(there + 1).to_pointer(), value })
        };
        Some(Edit::Patch { item: self.id, operations: Patch(vec![operation]) })
    }

    /// The text of a nested field, where it is a string.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<String> {
        let node = path.iter().try_fold(self.node, |node, key| node.get(key))?;
        node.as_str().map(std::borrow::Cow::into_owned)
    }
}

/// All objects of a package, in order.
#[derive(Debug, Clone, Default)]
pub struct Items<'p> {
    items: Vec<Item<'p>>,
    configuration: Option<String>,
    accepted: Acceptances,
}

impl<'p> Items<'p> {
    /// Names every object of a package.
    ///
    /// # Errors
    /// The first ten entries that are no object: no mapping, or without `apiVersion`, `kind` or
    /// `metadata.name`. kpt passes a `kustomization.yaml` without its kind;
    /// that one is let be.
    pub fn of(package: &'p Package<'_>) -> Result<Self, Vec<NotAnObject>> {
        Self::of_files(package, &Files::default())
    }

    /// Like [`Items::of`], for a stream that was put together from files.
    ///
    /// # Errors
    /// The same, each with its file.
    pub fn of_files(package: &'p Package<'_>, files: &Files) -> Result<Self, Vec<NotAnObject>> {
        let mut items = Vec::new();
        let mut others = Vec::new();
        for (id, node) in package.items() {
            match Item::of(id, node, files) {
                Ok(item) => items.push(item),
                Err(other) => others.push(other),
            }
            // A text that is something else has a million of them.
            if others.len() == MOST_FINDINGS {
                break;
            }
        }
        if others.is_empty() { Ok(Self { items, ..Self::default() }) } else { Err(others) }
    }

    /// The entries of a package that are objects.
    #[must_use]
    pub(super) fn readable(package: &'p Package<'_>, files: &Files) -> Self {
        let items = package.items().filter_map(|(id, node)| Item::of(id, node, files).ok());
        Self { items: items.collect(), ..Self::default() }
    }

    /// Sets the name of the configuration that the objects are looked at for.
    pub fn for_configuration(&mut self, name: Option<&str>) {
        self.configuration = name.map(str::to_owned);
    }

    /// The name of the configuration that the objects are looked at for: what a function generates is
    /// its own by it. `None` where it has none.
    #[must_use]
    pub fn configuration(&self) -> Option<&str> {
        self.configuration.as_deref()
    }

    /// The same objects, of which this is accepted.
    #[must_use]
    pub fn accepting(mut self, accepted: Acceptances) -> Self {
        self.accepted = accepted;
        self
    }

    /// The findings that are accepted. They are applied to a plan when it is complete; a function asks
    /// where it would continue, or leave something out, because of what it found.
    #[must_use]
    pub fn accepted(&self) -> &Acceptances {
        &self.accepted
    }

    /// The objects in order.
    pub fn iter(&self) -> impl Iterator<Item = &Item<'p>> {
        self.items.iter()
    }

    /// The objects of an API group and kind, in any version.
    pub fn of_kind<'a>(
        &'a self,
        group: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a Item<'p>> {
        self.iter().filter(move |item| item.is(group, kind))
    }
}

const MOST_FINDINGS: usize = 10;

fn is_kustomization(path: Option<&str>) -> bool {
    let file = path.and_then(|path| path.rsplit('/').next());
    matches!(file, Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_a_field_wherever_it_is_missing() {
        let head = "apiVersion: v1\nkind: A\nmetadata:\n  name: a\n";
        let label = FieldPath::from("metadata.labels").key("example.com/team");
        for (before, after) in [
            ("", "  labels:\n    example.com/team: shop\n"),
            ("  labels: {}\n", "  labels:\n    example.com/team: shop\n"),
            ("  labels:\n", "  labels:\n    example.com/team: shop\n"),
            ("  labels: {b: c}\n", "  labels: {b: c, example.com/team: shop}\n"),
            ("  labels: {example.com/team: x} # y\n", "  labels: {example.com/team: shop} # y\n"),
            ("  labels: {example.com/team: shop}\n", "  labels: {example.com/team: shop}\n"),
        ] {
            let source = format!("{head}{before}");
            let package = Package::stream(&source).unwrap();
            let items = Items::of(&package).unwrap();
            let edits: Vec<Edit> =
                items.iter().filter_map(|item| item.set(&label, "shop")).collect();
            let set = package.apply(&edits, &[]).unwrap().to_string();
            let value = |text: &str| {
                Package::stream(text).unwrap().items().next().unwrap().1.value().unwrap()
            };
            assert_eq!(value(&set), value(&format!("{head}{after}")), "{before:?}: {set}");
            assert_eq!(edits.is_empty(), before == after);
        }
    }
}
