//! One object on its way through a rendering: its text, and how its name changes.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use json_patch::{Patch, PatchOperation};
use krm_package::{Edit, ItemId, LineIndex, Package, operation};
use serde_json::{Map, Value};

use super::diags::Refused;
use super::id::{Id, Key};
use crate::runtime::{Files, Origin};

/// A name that an object had before, by which references still call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: String,
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(super) text: String,
    pub(super) id: Id,
    /// The oldest first.
    pub(super) earlier: Vec<Earlier>,
    /// A generator's object that gets a hash of its content behind its name.
    pub(super) needs_hash: bool,
    /// The file that it was read from; of a new one, none.
    pub(super) file: Option<PathBuf>,
    /// Where in the user's files it is, however it is changed.
    pub(super) origin: Option<Rc<Origin>>,
}

impl Document {
    /// Splits the text of a file.
    pub(super) fn of_file(file: &Path, text: &str) -> Result<Vec<Self>, Refused> {
        let package = Package::stream(text).map_err(|error| Refused::unread(file, text, error))?;
        let mut found = Vec::new();
        let lines = LineIndex::of(text);
        for document in package.documents() {
            let offset = document.text.as_ptr().addr() - text.as_ptr().addr();
            for item in document.items {
                let Some(node) = package.item(ItemId(item)) else { continue };
                let id = Id::of(node);
                let source = (!document.is_list).then(|| document.text.to_owned());
                let position = match document.is_list {
                    true => lines.position(node.start()),
                    false => lines.position(offset),
                };
                let origin = Origin {
                    file: file.display().to_string(),
                    position,
                    text: source,
                    entries: Vec::new(),
                };
                let text = if document.is_list {
                    emitted(node.value().map_err(|error| Refused::unread(file, text, error))?)?
                } else {
                    document.text.trim_start_matches('\u{feff}').to_owned()
                };
                found.push(Self {
                    text,
                    id,
                    file: Some(file.to_owned()),
                    origin: Some(Rc::new(origin)),
                    ..Self::blank()
                });
            }
        }
        Ok(found)
    }

    /// Whether it is a Service of Kubernetes.
    pub(crate) fn is_service(&self) -> bool {
        self.id.gvk.group.is_empty() && self.id.gvk.kind == "Service"
    }

    /// The file in which the object is by itself: `NAMESPACE/GROUP_VERSION_KIND_NAME.yaml`.
    pub(crate) fn own_file(&self) -> PathBuf {
        let Id { gvk, namespace, name } = &self.id;
        let parts = [&gvk.group, &gvk.version, &gvk.kind.to_lowercase(), name];
        let parts: Vec<&str> =
            parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
        Path::new(namespace).join(format!("{}.yaml", parts.join("_").replace('/', "_")))
    }

    /// The object's text, as a file begins.
    pub(crate) fn own_text(&self) -> String {
        let mut text = String::new();
        push(&mut text, &self.text);
        text
    }

    /// A new object.
    pub(super) fn of_value(value: Value) -> Result<Self, Refused> {
        let mut document = Self { text: emitted(value)?, ..Self::blank() };
        document.read_id()?;
        Ok(document)
    }

    fn blank() -> Self {
        Self {
            text: String::new(),
            id: Id::default(),
            earlier: Vec::new(),
            needs_hash: false,
            file: None,
            origin: None,
        }
    }

    /// The whole object.
    pub(super) fn value(&self) -> Result<Value, Refused> {
        let package = Package::stream(&self.text).map_err(|error| self.refused(&error))?;
        let node = package.item(ItemId(0)).map(krm_package::NodeRef::value);
        node.unwrap_or(Ok(Value::Null)).map_err(|error| self.refused(&error))
    }

    /// Makes operations on the text; what cannot be spliced is written anew.
    pub(super) fn patch(&mut self, operations: Vec<PatchOperation>) -> Result<(), Refused> {
        if operations.is_empty() {
            return Ok(());
        }
        let operations = Patch(operations);
        let package = Package::stream(&self.text).map_err(|error| self.refused(&error))?;
        let edits = [Edit::Patch { item: ItemId(0), operations: operations.clone() }];
        let spliced = package.apply(&edits, &[]).map(|spliced| spliced.to_string());
        self.text = if let Ok(text) = spliced {
            text
        } else {
            let mut value = self.value()?;
            json_patch::patch(&mut value, &operations).map_err(|error| self.refused(&error))?;
            emitted(value)?
        };
        self.read_id()
    }

    /// Puts another object in its place.
    pub(super) fn replace(&mut self, value: Value) -> Result<(), Refused> {
        self.patch(vec![operation::replace(&[], value)])
    }

    /// Remembers the name that it has, before it gets another.
    pub(super) fn store_earlier(&mut self) {
        self.earlier.push(Earlier {
            namespace: self.id.effective_namespace().to_owned(),
            name: self.id.name.clone(),
            kind: self.id.gvk.kind.clone(),
        });
    }

    /// The namespace and name that it had first.
    pub(super) fn original(&self) -> (&str, &str) {
        match self.earlier.first() {
            Some(earlier) => (&earlier.namespace, &earlier.name),
            None => (self.id.effective_namespace(), &self.id.name),
        }
    }

    /// Whether this is or was its id.
    pub(super) fn has_or_had(&self, key: &Key) -> bool {
        let had = |earlier: &Earlier| {
            let mut id = self.id.clone();
            id.name.clone_from(&earlier.name);
            id.namespace.clone_from(&earlier.namespace);
            id.gvk.kind.clone_from(&earlier.kind);
            id.key() == *key
        };
        self.id.key() == *key || self.earlier.iter().any(had)
    }

    /// The labels or annotations.
    pub(super) fn texts(&self, field: &str) -> Map<String, Value> {
        let value = self.value().unwrap_or_default();
        value
            .pointer(&format!("/metadata/{field}"))
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn refused(&self, problem: &dyn std::error::Error) -> Refused {
        Refused::object(self.file.as_deref(), &self.id.shown(), problem)
    }

    fn read_id(&mut self) -> Result<(), Refused> {
        let package = Package::stream(&self.text).map_err(|error| self.refused(&error))?;
        let id = package.item(ItemId(0)).map(Id::of).unwrap_or_default();
        self.id = id;
        Ok(())
    }
}

/// An object's text where it has none yet.
pub(super) fn emitted(value: Value) -> Result<String, Refused> {
    let package = Package::stream("").map_err(|error| Refused::new_object(&error))?;
    let spliced = package.apply(&[Edit::add_item(value)], &[]);
    spliced.map(|spliced| spliced.to_string()).map_err(|error| Refused::new_object(&error.error))
}

/// Objects as one stream.
pub(crate) fn stream(documents: &[Document]) -> String {
    stream_of(documents.iter()).0
}

/// Objects as one stream, and where each is from.
pub(crate) fn stream_of<'d>(documents: impl Iterator<Item = &'d Document>) -> (String, Files) {
    let (mut stream, mut files, mut line) = (String::new(), Files::default(), 1);
    for document in documents {
        let before = stream.len();
        push(&mut stream, &document.text);
        files.push_object(line, document.origin.clone());
        line += stream[before..].bytes().filter(|byte| *byte == b'\n').count();
    }
    (stream, files)
}

/// Puts a document behind others.
pub(super) fn push(stream: &mut String, text: &str) {
    if stream.is_empty() {
        stream.push_str(text.strip_prefix("---\n").unwrap_or(text));
    } else {
        if !text.starts_with("---") {
            stream.push_str("---\n");
        }
        stream.push_str(text);
    }
    if !stream.ends_with('\n') {
        stream.push('\n');
    }
}
