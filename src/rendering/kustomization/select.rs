//! `target` of a patch: which objects it is for (`api/types/selector.go` of kustomize).

use kustomize_types::kustomization::Selector;
use regex_lite::Regex;
use serde_json::{Map, Value};

use super::super::diags::NotRendered;
use super::super::document::Document;

/// A target that can be compared.
pub(super) struct Target {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// One part of a label selector.
#[derive(Debug, PartialEq, Eq)]
enum Requirement {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

impl Target {
    /// # Errors
    /// The field, and why it cannot be compared here.
    pub(super) fn of(selector: &Selector) -> Result<Self, (&'static str, NotRendered<'_>)> {
        let parts = |field: &'static str, text: &Option<String>| {
            requirements(text.as_deref().unwrap_or_default())
                .ok_or((field, NotRendered::LabelSelector))
        };
        Ok(Self {
            group: whole("patches[].target.group", &selector.group)?,
            version: whole("patches[].target.version", &selector.version)?,
            kind: whole("patches[].target.kind", &selector.kind)?,
            name: whole("patches[].target.name", &selector.name)?,
            namespace: whole("patches[].target.namespace", &selector.namespace)?,
            labels: parts("patches[].target.labelSelector", &selector.label_selector)?,
            annotations: parts(
                "patches[].target.annotationSelector",
                &selector.annotation_selector,
            )?,
        })
    }

    /// Whether it picks an object, by its first or its present name and namespace.
    pub(super) fn picks(&self, document: &Document) -> bool {
        let fits = |wanted: &Option<Regex>, texts: &[&str]| {
            wanted.as_ref().is_none_or(|wanted| texts.iter().any(|text| wanted.is_match(text)))
        };
        let (namespace, name) = document.original();
        let id = &document.id;
        let all = |parts: &[Requirement], field: &str| {
            parts.is_empty() || {
                let texts = document.texts(field);
                parts.iter().all(|part| part.holds(&texts))
            }
        };
        fits(&self.namespace, &[namespace, id.effective_namespace()])
            && fits(&self.name, &[name, &id.name])
            && fits(&self.group, &[&id.gvk.group])
            && fits(&self.version, &[&id.gvk.version])
            && fits(&self.kind, &[&id.gvk.kind])
            && all(&self.labels, "labels")
            && all(&self.annotations, "annotations")
    }
}

/// A text of a target, which is an expression for the whole of what it is compared with.
fn whole<'s>(
    field: &'static str,
    text: &'s Option<String>,
) -> Result<Option<Regex>, (&'static str, NotRendered<'s>)> {
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Regex::new(&format!("^(?:{text})$"))
            .map(Some)
            .map_err(|_| (field, NotRendered::NotRegex(text))),
    }
}

impl Requirement {
    fn holds(&self, texts: &Map<String, Value>) -> bool {
        let text = |key: &str| texts.get(key).and_then(Value::as_str);
        match self {
            Self::Is(key, wanted) => text(key) == Some(wanted),
            Self::IsNot(key, wanted) => text(key) != Some(wanted),
            Self::Has(key) => texts.contains_key(key),
            Self::HasNot(key) => !texts.contains_key(key),
        }
    }
}

/// The parts of a label selector that has no lists.
fn requirements(text: &str) -> Option<Vec<Requirement>> {
    let is_plain =
        |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let owned = |key: &str| Some(key.trim()).filter(|key| is_plain(key)).map(str::to_owned);
    let part = |part: &str| {
        let found = if let Some((key, value)) = part.split_once("!=") {
            Requirement::IsNot(owned(key)?, owned(value)?)
        } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            Requirement::Is(owned(key)?, owned(value)?)
        } else if let Some(key) = part.trim().strip_prefix('!') {
            Requirement::HasNot(owned(key)?)
        } else {
            Requirement::Has(owned(part).filter(|key| !key.is_empty())?)
        };
        Some(found)
    };
    if text.trim().is_empty() { Some(Vec::new()) } else { text.split(',').map(part).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_can_compare() {
        let is = |key: &str, value: &str| Requirement::Is(key.into(), value.into());
        assert_eq!(requirements("a=b, c/d==e"), Some(vec![is("a", "b"), is("c/d", "e")]));
        assert_eq!(requirements("!a"), Some(vec![Requirement::HasNot("a".into())]));
        assert_eq!(requirements("a!=b").map(|parts| parts.len()), Some(1));
        assert_eq!(requirements("a in (b)"), None);
        assert_eq!(requirements(""), Some(vec![]));
    }
}
