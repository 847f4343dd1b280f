//! The fields of a kustomization file that are rendered here.

use kustomize_types::kustomization::{
    ConfigMapGenerator, FunctionSource, GeneratorOptions, Label, Patch, SecretGenerator,
    SortOptions, Variant, VariantError,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::diags::NotRendered;
use crate::values::k8s::empty_if_null;
use krm_package::text::suggest::nearest;

/// Those of the fields of `kustomize_types::Kustomization` that are rendered here: the code that reads
/// them all is a thirtieth of the program.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kustomization {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) resources: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) components: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) config_map_generator: Vec<ConfigMapGenerator>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) secret_generator: Vec<SecretGenerator>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) generator_options: GeneratorOptions,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) namespace: String,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) labels: Vec<Label>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) patches: Vec<Patch>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) generators: Vec<FunctionSource>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) transformers: Vec<FunctionSource>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) validators: Vec<FunctionSource>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) sort_options: Option<SortOptions>,
}

/// The fields above, and those that change nothing of what is rendered.
const FIELDS: [&str; 15] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "components",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "namespace",
    "labels",
    "patches",
    "generators",
    "transformers",
    "validators",
    "sortOptions",
];

impl Kustomization {
    pub(super) fn variant(&self) -> Result<Variant, VariantError> {
        Variant::of(self.kind.as_deref(), self.api_version.as_deref())
    }
}

/// The first field with a value that is not rendered here, and why.
pub(super) fn unknown(kustomization: &Value) -> Option<(&str, NotRendered<'static>)> {
    let empty = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty)
    };
    let fields = kustomization.as_object().into_iter().flatten();
    let mut unknown =
        fields.filter(|(name, value)| !FIELDS.contains(&name.as_str()) && !empty(value));
    let (field, _) = unknown.next()?;
    Some((field, nearest(field, &FIELDS).map_or(NotRendered::Field, NotRendered::Misspelt)))
}
