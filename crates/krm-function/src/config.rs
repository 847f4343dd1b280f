//! The functionConfig: a typed kind, or a ConfigMap with the same fields.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::accept::{self, Acceptance, Acceptances};
use super::code::Code;
use super::config_map::{WrongKey, fields_of};
use super::config_source::ConfigSource;
use super::config_spec::OwnFields;
use super::declaration::Declaration;
use super::diags::{WrongConfig, WrongField, WrongValue, refused};
use super::finding::{Finding, key_path};
use super::fix::Fix;
use super::project::Project;
use super::resource_ref::ResourceRef;
use krm_package::{FieldPath, NodeRef, ReadError, read_value};

const TOP_FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "spec"];
/// What kustomize's legacy exec plugins may have beside the fields of an object.
const PLUGIN_FIELDS: &[&str] = &["argsOneLiner", "argsFromFile"];

/// A configuration that was found, not yet read as a function's.
#[derive(Debug, Clone)]
pub struct FunctionConfig<'c> {
    node: NodeRef<'c>,
    resource: ResourceRef,
    source: ConfigSource<'c>,
}

impl<'c> FunctionConfig<'c> {
    /// Takes an object as a configuration.
    ///
    /// # Errors
    /// An object without `apiVersion` and `kind`, or with fields beside `spec` (of a ConfigMap:
    /// `data`).
    pub fn new<C: Code>(node: NodeRef<'c>, source: ConfigSource<'c>) -> Result<Self, Finding<C>> {
        let text = |node: NodeRef<'_>, key| {
            node.get(key).and_then(NodeRef::as_str).unwrap_or_default().into_owned()
        };
        let metadata = node.get("metadata");
        let resource = ResourceRef {
            api_version: text(node, "apiVersion"),
            kind: text(node, "kind"),
            namespace: None,
            name: metadata.map(|metadata| text(metadata, "name")).unwrap_or_default(),
        };
        let config = Self { node, resource, source };
        if !node.is_mapping() || config.resource.kind.is_empty() {
            return Err(config.wrong(WrongConfig::NotAnObject));
        }
        Ok(config)
    }

    /// What a finding calls it.
    pub(super) fn resource(&self) -> &ResourceRef {
        &self.resource
    }

    /// The file that it came from.
    pub(super) fn file(&self) -> Option<&str> {
        match self.source {
            ConfigSource::ResourceList => None,
            ConfigSource::File(name) => Some(name),
        }
    }

    /// Its text.
    pub(super) fn node(&self) -> NodeRef<'c> {
        self.node
    }

    /// The `kind`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.resource.kind
    }

    /// Its name, by which configurations of one function are distinguished; `None` where it has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.resource.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Whether the configuration is a ConfigMap, which does not say whose it is.
    #[must_use]
    pub fn is_config_map(&self) -> bool {
        self.resource.kind == "ConfigMap" && self.resource.api_version == "v1"
    }

    /// A finding on the configuration as a whole.
    pub(super) fn wrong<C: Code>(&self, wrong: WrongConfig<'_>) -> Finding<C> {
        wrong.of(self.source, &self.resource)
    }

    fn wrong_field<C: Code>(&self, wrong: WrongField<'_>) -> Finding<C> {
        Finding::from(wrong).on(&self.resource)
    }

    /// A finding of the function, put on the configuration where it names no object of its own.
    /// In a ConfigMap the field is the key, as it is spelt there.
    pub(super) fn own<C: Code>(&self, finding: Finding<C>, aliases: &[(&str, &str)]) -> Finding<C> {
        if finding.resource.is_some() {
            return finding;
        }
        let mut finding = finding.on(&self.resource);
        if let Some(field) = finding.field.as_mut().filter(|_| self.is_config_map())
            && let Some(below) = field.path.below(&"spec".into())
        {
            let below = below.to_string();
            let key = below.split('[').next().unwrap_or(&below);
            let data = self.node.get("data");
            let has = |key: &str| data.is_some_and(|data| data.get(key).is_some());
            let alias = aliases.iter().find(|(alias, path)| *path == key && has(alias));
            let old = field.path.clone();
            field.path = key_path("data", alias.map_or(key, |(alias, _)| alias));
            // A field below the key is a part of its text, which a change of the object does not reach.
            let is_whole = below == key;
            let new = field.path.clone();
            finding.fix = finding
                .fix
                .filter(|_| is_whole)
                .and_then(|fix| fix.moved(&old, &new))
                .map(Box::new);
        }
        let path = finding.field.as_ref().map(|field| field.path.clone()).unwrap_or_default();
        finding.fix = finding.fix.and_then(|fix| fix.applicable(self.node, &path)).map(Box::new);
        finding
    }

    /// The function's own part of the configuration.
    ///
    /// # Errors
    /// Another kind or version, unknown fields, and values that are not of their field's type, each
    /// with its path.
    pub(super) fn spec<T: DeserializeOwned, C: Code>(
        &self,
        function: &Declaration,
    ) -> Result<T, Vec<Finding<C>>> {
        if self.is_config_map() {
            let fields = self.config_map_fields(function)?;
            return self.read_fields(&fields, "data");
        }
        let found = &self.resource;
        if found.kind != function.kind || found.api_version != function.api_version {
            return Err(vec![self.wrong(WrongConfig::OtherKind { found, function })]);
        }
        self.check_top_fields()?;
        match self.node.get("spec") {
            None => self.read_fields(&Value::Object(serde_json::Map::new()), "spec"),
            Some(spec) => match spec.read() {
                Ok(OwnFields(spec)) => Ok(spec),
                Err(error) if error.path.is_root() && !spec.is_mapping() => {
                    let names = function.spec_types().names();
                    let keys: Vec<&str> = names.iter().map(String::as_str).collect();
                    let found = self.wrong_field(WrongField::of_error(&error, &keys));
                    Err(vec![found.field("spec")])
                }
                Err(error) => Err(vec![self.field_finding("spec", error)]),
            },
        }
    }

    /// The texts of the function's own part that its project refuses in every field.
    pub(super) fn refused_texts<P: Project>(&self) -> Vec<Finding<P::Code>> {
        let root = if self.is_config_map() { "data" } else { "spec" };
        let mut findings = Vec::new();
        if let Some(value) = self.node.get(root).and_then(|node| node.value().ok()) {
            refused_texts::<P>(&value, &FieldPath::root(), &mut findings);
        }
        let own = |(path, code, words): (FieldPath, P::Code, &str)| {
            refused(code, words).on(&self.resource).field(FieldPath::from(root).join(&path))
        };
        findings.into_iter().map(own).collect()
    }

    /// The entries of a ConfigMap whose key or text its project does not take as it is.
    pub(super) fn misread_entries<P: Project>(&self) -> Vec<Finding<P::Code>> {
        let data = self.node.get("data").filter(|_| self.is_config_map());
        let data = data.and_then(|data| data.read::<BTreeMap<String, String>>().ok());
        let wrong = |(key, text): (String, String)| {
            let misread = P::misread_entry(&key, &text)?;
            let finding = self.wrong_field(WrongField::Read(&misread));
            let path = key_path("data", &key);
            Some(if key.trim() == key { finding.field(path) } else { finding.key(path) })
        };
        data.into_iter().flatten().filter_map(wrong).collect()
    }

    /// What it accepts: the list `spec.accept`, or the JSON array of that key in a ConfigMap.
    ///
    /// # Errors
    /// Entries that are not what they must be.
    pub(super) fn accepted<C: Code>(&self) -> Result<Acceptances, Vec<Finding<C>>> {
        let (root, path) = if self.is_config_map() { ("data", "data") } else { ("spec", "spec") };
        let path = FieldPath::from(path).key(accept::FIELD);
        let list = self.node.get(root).and_then(|root| root.get(accept::FIELD));
        let Some(list) = list.filter(|list| !list.is_null()) else {
            return Ok(Acceptances::default());
        };
        let wrong = |error: ReadError| {
            let finding = self.wrong_field(WrongField::of_error(&error, error.keys));
            vec![finding.field(path.clone().join(&error.path))]
        };
        let list: Vec<Acceptance> = if self.is_config_map() {
            let text = list.read::<String>().map_err(wrong)?;
            let value: Value = serde_json::from_str(&text).map_err(|error| {
                let value = WrongValue::Acceptances { column: error.column() };
                vec![self.wrong_field(value.into()).field(path.clone())]
            })?;
            read_value(&value).map_err(wrong)?
        } else {
            list.read().map_err(wrong)?
        };
        Acceptances::of_configuration(list, &self.resource, &path)
    }

    fn config_map_fields<C: Code>(&self, function: &Declaration) -> Result<Value, Vec<Finding<C>>> {
        let Some(data) = self.node.get("data").filter(|data| !data.is_null()) else {
            return Ok(Value::Object(serde_json::Map::new()));
        };
        let data: BTreeMap<String, String> =
            data.read().map_err(|error| vec![self.field_finding("data", error)])?;
        let schema = function.spec_types();
        fields_of(&data, &schema, function.aliases).map_err(|problems| {
            let finding = |wrong: WrongKey| {
                let path = key_path("data", &wrong.key);
                let finding = self.wrong_field(WrongField::Read(&wrong.message));
                if wrong.is_unknown { finding.key(path) } else { finding.field(path) }
            };
            problems.into_iter().map(finding).collect()
        })
    }

    fn read_fields<T: DeserializeOwned, C: Code>(
        &self,
        fields: &Value,
        root: &str,
    ) -> Result<T, Vec<Finding<C>>> {
        match read_value(fields) {
            Ok(OwnFields(fields)) => Ok(fields),
            Err(error) => Err(vec![self.field_finding(root, error)]),
        }
    }

    fn field_finding<C: Code>(&self, root: &str, error: ReadError) -> Finding<C> {
        let root = FieldPath::from(root);
        self.wrong_field(WrongField::of_error(&error, error.keys))
            .fix(Fix::of_error(self.node, &root, &error))
            .misread_field(&root, &error)
    }

    fn check_top_fields<C: Code>(&self) -> Result<(), Vec<Finding<C>>> {
        let unknown = self.node.keys().into_iter().filter(|key| {
            !TOP_FIELDS.contains(&key.as_str()) && !PLUGIN_FIELDS.contains(&key.as_str())
        });
        let findings: Vec<Finding<C>> = unknown
            .map(|key| {
                self.wrong_field(WrongField::Unknown { name: &key, known: TOP_FIELDS }).key(key)
            })
            .collect();
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }
}

/// Gathers the texts of a value that a project refuses.
fn refused_texts<P: Project>(
    value: &Value,
    path: &FieldPath,
    found: &mut Vec<(FieldPath, P::Code, &'static str)>,
) {
    match value {
        Value::String(text) => {
            let refused = P::refused_text(path, text);
            found.extend(refused.map(|(code, words)| (path.clone(), code, words)));
        }
        Value::Array(entries) => {
            for (place, entry) in entries.iter().enumerate() {
                refused_texts::<P>(entry, &path.clone().index(place), found);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                refused_texts::<P>(field, &path.clone().key(key.as_str()), found);
            }
        }
        _ => {}
    }
}
