//! The objects that a function looks at, each with its name.

use super::files::Files;
use crate::finding::{Code, Finding};
use crate::k8s::ResourceRef;
use krm_package::{ItemId, NodeRef, Package, ReadError};

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
    /// Its place among the objects of that file, counted from 0, where the host says so.
    pub index: Option<u64>,
}

impl<'p> Item<'p> {
    /// Names an object.
    ///
    /// # Errors
    /// A node that is no object: no mapping, or without `apiVersion`, `kind` or `metadata.name`.
    pub fn of(id: ItemId, node: NodeRef<'p>, files: &Files) -> Result<Self, Finding> {
        let text = |node: NodeRef<'_>, key: &str| {
            node.get(key).and_then(NodeRef::as_str).map(std::borrow::Cow::into_owned)
        };
        let metadata = node.get("metadata");
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        let annotation =
            |keys: &[&str]| annotations.and_then(|all| keys.iter().find_map(|key| text(all, key)));
        let path = annotation(&PATHS);
        let index = annotation(&INDEXES).and_then(|text| text.parse().ok());
        let resource = ResourceRef {
            api_version: text(node, "apiVersion").unwrap_or_default(),
            kind: text(node, "kind").unwrap_or_default(),
            namespace: metadata.and_then(|metadata| text(metadata, "namespace")),
            name: metadata.and_then(|metadata| text(metadata, "name")).unwrap_or_default(),
        };
        let name =
            metadata.and_then(|metadata| metadata.get("name")).filter(|name| !name.is_null());
        let generated = metadata.is_some_and(|metadata| metadata.get("generateName").is_some());
        let missing = match &resource {
            _ if !node.is_mapping() => Some("is no mapping"),
            found if found.api_version.is_empty() => Some("has no apiVersion"),
            found if found.kind.is_empty() => Some("has no kind"),
            found if found.name.is_empty() && name.is_some_and(|name| name.as_str().is_none()) => {
                Some("has a metadata.name that is no text without quotes")
            }
            found if found.name.is_empty() && !generated => Some("has no metadata.name"),
            _ => None,
        };
        if let Some(missing) = missing.filter(|_| !is_kustomization(path.as_deref())) {
            let from = path.as_deref().map(|path| format!(" of {path}")).unwrap_or_default();
            let message = format!(
                "item {}{from} {missing} ({}); every item is a Kubernetes object with apiVersion, kind and metadata.name",
                id.0 + 1,
                files.place(node.position()),
            );
            return Err(Finding::error(Code::BadItem, message));
        }
        Ok(Self { id, node, resource, path, index })
    }

    /// Whether the object is of an API group and kind, in any version.
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        let found = self.resource.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        found == group && self.resource.kind == kind
    }

    /// Reads the object, or says in a finding why it is not of that type.
    ///
    /// # Errors
    /// A finding on the object, with the field and what was found there.
    pub fn read<T: serde::Deserialize<'p>>(&self) -> Result<T, Finding> {
        self.node.read().map_err(|error| self.misread(error))
    }

    /// That the object, as it is or as it will be, is not of the type that was asked for.
    #[must_use]
    pub fn misread(&self, error: ReadError) -> Finding {
        let finding = Finding::error(Code::BadObject, error.message).on(&self.resource);
        if error.path.is_empty() { finding } else { finding.field(error.path) }
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
}

impl<'p> Items<'p> {
    /// Names every object of a package.
    ///
    /// # Errors
    /// A finding for each of the first ten entries that are no object: no mapping, or without
    /// `apiVersion`, `kind` or `metadata.name`. kpt passes a `kustomization.yaml` without its kind;
    /// that one is let be.
    pub fn of(package: &'p Package<'_>) -> Result<Self, Vec<Finding>> {
        Self::of_files(package, &Files::default())
    }

    /// Like [`Items::of`], for a stream that was put together from files.
    ///
    /// # Errors
    /// The same, each with its file.
    pub fn of_files(package: &'p Package<'_>, files: &Files) -> Result<Self, Vec<Finding>> {
        let mut items = Vec::new();
        let mut findings = Vec::new();
        for (id, node) in package.items() {
            match Item::of(id, node, files) {
                Ok(item) => items.push(item),
                Err(finding) => findings.push(finding),
            }
            // A text that is something else has a million of them.
            if findings.len() == MOST_FINDINGS {
                break;
            }
        }
        if findings.is_empty() { Ok(Self { items }) } else { Err(findings) }
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

const PATHS: [&str; 2] = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];
const INDEXES: [&str; 2] = ["internal.config.kubernetes.io/index", "config.kubernetes.io/index"];

fn is_kustomization(path: Option<&str>) -> bool {
    let file = path.and_then(|path| path.rsplit('/').next());
    matches!(file, Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
}
