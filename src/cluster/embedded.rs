//! Objects that other objects hold: as a value, as a Crossplane `Object` or an OpenShift `Template` does, or as a
//! text, as a ConfigMap of manifests or a step of a workflow.
//!
//! Whether they are applied is another controller's or a user's matter. An object is what has `apiVersion`, `kind`
//! and `metadata`; the objects of a `List` are found as such.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::kept::Source;
use super::{Cluster, reference};
use crate::values::k8s::ResourceRef;
use krm_package::Package;

/// An object that another one holds.
#[derive(Debug, Clone)]
pub(crate) struct Embedded {
    /// What it says.
    pub value: Value,
    /// Its name.
    pub resource: ResourceRef,
    /// The object that holds it.
    pub holder: Rc<ResourceRef>,
    /// The field that holds it.
    pub field: String,
}

impl Embedded {
    /// The object as a controller may apply it: where a template leaves its name, or that of its namespace, to be
    /// filled in, the former is one that no other object has, and the latter may be any.
    #[must_use]
    pub(crate) fn applied(&self, index: usize) -> Self {
        let is_open = |key: &str| {
            let text = self.value.pointer(key).and_then(Value::as_str);
            text.is_some_and(|text| text.contains(|c| "${}<>()[] ".contains(c)))
        };
        let mut applied = self.clone();
        if is_open("/metadata/name") {
            applied.value["metadata"]["name"] = format!("held-{index}").into();
        }
        if is_open("/metadata/namespace")
            && let Some(metadata) = applied.value["metadata"].as_object_mut()
        {
            metadata.remove("namespace");
        }
        applied.resource = reference(&applied.value);
        applied
    }
}

/// A text that speaks of objects and is none: a template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The text.
    pub text: String,
    /// The object that holds it.
    pub holder: Rc<ResourceRef>,
    /// The field that holds it.
    pub field: String,
}

/// Groups whose objects hold none: schemas, rights, configurations of this project's hosts.
const WITHOUT_OBJECTS: [&str; 7] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "rbac.authorization.k8s.io",
    "serving.kserve.io",
    "fn.kserve-aws.dev",
    "kpt.dev",
];

/// How many texts are read that stand in one another.
const DEEPEST: usize = 3;

impl Cluster<'_> {
    /// The objects that other objects hold, and the texts that cannot be read as some.
    pub(crate) fn embedded(&self) -> (Vec<Embedded>, Vec<Template>) {
        let mut found = Found::default();
        let others = self.objects.others.iter().filter(|kept| {
            let group = kept.resource.group();
            !group.is_empty() && !WITHOUT_OBJECTS.contains(&group)
        });
        for kept in self.objects.config_maps.iter().chain(others) {
            found.read(&kept.resource, &kept.object);
        }
        for read in &self.sources {
            if read.resource.kind == "Secret" && read.resource.group().is_empty() {
                found.read(&read.resource, &read.source);
            }
        }
        (found.objects, found.templates)
    }
}

impl Cluster<'_> {
    /// The texts of Secrets, each with its object and its field.
    pub(crate) fn secret_texts(&self) -> Vec<(Rc<ResourceRef>, String, String)> {
        let mut texts = Vec::new();
        let is_secret = |read: &&super::Read<'_>| {
            read.resource.kind == "Secret" && read.resource.group().is_empty()
        };
        for read in self.sources.iter().filter(is_secret) {
            let Ok(value) = read.source.value() else { continue };
            for place in ["data", "stringData"] {
                for (key, text) in value.get(place).and_then(Value::as_object).into_iter().flatten()
                {
                    let text = text.as_str().and_then(|text| match place {
                        "data" => decoded(text),
                        _ => Some(text.to_owned()),
                    });
                    let field = format!("{place}[{key}]");
                    texts.extend(text.map(|text| (read.resource.clone(), field, text)));
                }
            }
        }
        texts
    }
}

#[derive(Default)]
struct Found {
    objects: Vec<Embedded>,
    templates: Vec<Template>,
}

impl Found {
    fn read(&mut self, holder: &Rc<ResourceRef>, source: &Source<'_>) {
        let Ok(value) = source.value() else { return };
        let is_secret = holder.group().is_empty() && holder.kind == "Secret";
        for (key, part) in value.as_object().into_iter().flatten() {
            if matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "status") {
                continue;
            }
            let mut path = vec![key.clone()];
            if is_secret && key == "data" {
                for (name, text) in part.as_object().into_iter().flatten() {
                    let decoded = text.as_str().and_then(decoded);
                    path.push(format!("[{name}]"));
                    if let Some(text) = decoded {
                        self.text(holder, &text, &path, 0);
                    }
                    path.pop();
                }
            } else {
                self.walk(holder, part, &mut path, 0);
            }
        }
    }

    fn walk(
        &mut self,
        holder: &Rc<ResourceRef>,
        value: &Value,
        path: &mut Vec<String>,
        depth: usize,
    ) {
        match value {
            Value::String(text) => self.text(holder, text, path, depth),
            Value::Array(list) => {
                for (index, one) in list.iter().enumerate() {
                    path.push(format!("[{index}]"));
                    self.walk(holder, one, path, depth);
                    path.pop();
                }
            }
            Value::Object(fields) => {
                let generated = generated(value);
                if let Some(value) = generated.as_ref().or(Some(value).filter(|one| is_object(one)))
                {
                    self.objects.push(Embedded {
                        resource: reference(value),
                        value: value.clone(),
                        holder: holder.clone(),
                        field: path.join(".").replace(".[", "["),
                    });
                }
                for (name, field) in fields {
                    let is_key = name.contains(['.', '/']);
                    path.push(if is_key { format!("[{name}]") } else { name.clone() });
                    self.walk(holder, field, path, depth);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, holder: &Rc<ResourceRef>, text: &str, path: &[String], depth: usize) {
        if depth >= DEEPEST || !text.contains("apiVersion") || !text.contains("kind") {
            return;
        }
        let field = || path.join(".").replace(".[", "[");
        let Some(documents) = documents(text) else {
            self.templates.push(Template {
                text: text.to_owned(),
                holder: holder.clone(),
                field: field(),
            });
            return;
        };
        let has_several = documents.len() > 1;
        for (index, value) in documents.iter().enumerate() {
            // A text that is a text again leads nowhere.
            if !value.is_string() {
                let mut path = vec![field()];
                path.extend(has_several.then(|| format!("[{index}]")));
                self.walk(holder, value, &mut path, depth + 1);
            }
        }
    }
}

/// The documents of a text; none where it cannot be read.
fn documents(text: &str) -> Option<Vec<Value>> {
    let package = Package::stream(text).ok()?;
    let documents: Result<Vec<Value>, _> = package.items().map(|(_, node)| node.value()).collect();
    documents.ok()
}

/// The object that Kyverno generates by a rule: its name stands beside what it says (`GeneratePattern` in
/// `api/kyverno/v1/rule_types.go` of kyverno/kyverno).
fn generated(value: &Value) -> Option<Value> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (version, kind, name) = (text("apiVersion")?, text("kind")?, text("name")?);
    let mut object = value.get("data").filter(|data| data.is_object())?.clone();
    object["apiVersion"] = version.into();
    object["kind"] = kind.into();
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(serde_json::Map::new());
    }
    object["metadata"]["name"] = name.into();
    if let Some(namespace) = text("namespace") {
        object["metadata"]["namespace"] = namespace.into();
    }
    Some(object)
}

/// Whether a value is an object of Kubernetes.
pub(crate) fn is_object(value: &Value) -> bool {
    let is_text = |key: &str| value.get(key).is_some_and(Value::is_string);
    is_text("apiVersion") && is_text("kind") && value.get("metadata").is_some_and(Value::is_object)
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
}
