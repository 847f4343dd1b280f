//! What of a kustomization is done here. The rest is refused by name: kustomize does that better.

use kustomize_types::kustomization::{FunctionSource, Variant, VariantError};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::values::k8s::empty_if_null;
use krm_package::text::suggest::nearest;

/// The fields of a kustomization file that the overlays of this project use.
///
/// `kustomize_types::Kustomization` has them all, and the code that reads them all is a thirtieth of
/// the program.
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
    pub(super) patches: Vec<Patch>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) generators: Vec<FunctionSource>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) transformers: Vec<FunctionSource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConfigMapGenerator {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) envs: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Patch {
    pub(super) path: String,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) target: Target,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Target {
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
}

/// The fields of those types, and those that change nothing of what is done here.
const FIELDS: [&str; 10] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "components",
    "configMapGenerator",
    "generatorOptions",
    "patches",
    "generators",
    "transformers",
];
const CONFIG_MAP_GENERATOR: [&str; 4] = ["name", "namespace", "envs", "options"];
const PATCH: [&str; 3] = ["path", "target", "options"];
const TARGET: [&str; 2] = ["kind", "name"];

impl Kustomization {
    pub(super) fn variant(&self) -> Result<Variant, VariantError> {
        Variant::of(self.kind.as_deref(), self.api_version.as_deref())
    }
}

/// Refuses what the types above leave out, in words.
pub(super) fn refuse_the_rest(kustomization: &Value) -> Result<(), String> {
    refuse_fields("the kustomization", kustomization, &FIELDS)?;
    for generator in entries(kustomization, "configMapGenerator") {
        refuse_fields("configMapGenerator", generator, &CONFIG_MAP_GENERATOR)?;
    }
    for patch in entries(kustomization, "patches") {
        refuse_fields("patches", patch, &PATCH)?;
        refuse_fields("patches[].target", &patch["target"], &TARGET)?;
    }
    Ok(())
}

fn entries<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn refuse_fields(what: &str, value: &Value, known: &[&str]) -> Result<(), String> {
    let empty = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty)
    };
    let mut fields = value.as_object().into_iter().flatten();
    match fields.find(|(name, value)| !known.contains(&name.as_str()) && !empty(value)) {
        None => Ok(()),
        Some((name, _)) => {
            let near = nearest(name, known)
                .map_or_else(String::new, |known| format!(" (did you mean \"{known}\"?)"));
            Err(format!(
                "{what} uses {name}{near}, which only kustomize supports; run kustomize build --enable-alpha-plugins"
            ))
        }
    }
}
