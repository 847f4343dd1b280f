//! ConfigMaps and Secrets made of files, literals and env files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::null::{is_false, null_as_default, texts};

/// An entry of `configMapGenerator` (`api/types/configmapargs.go`).
///
/// A key that two of the sources give is an error of kustomize.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigMapGenerator {
    /// The name, before prefix, suffix and hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What to do with an equal one of a base; `create` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behavior: Option<GeneratorBehavior>,
    /// `KEY=VALUE`; one pair of quotes around the value is dropped.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub literals: Vec<String>,
    /// `PATH`, or `KEY=PATH`; the file is the value.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Paths of [env files](crate::EnvFile).
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub envs: Vec<String>,
    /// Deprecated: one path of `envs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// What differs from `generatorOptions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<GeneratorOptions>,
}

/// An entry of `secretGenerator` (`api/types/secretargs.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretGenerator {
    /// The name, before prefix, suffix and hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What to do with an equal one of a base; `create` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behavior: Option<GeneratorBehavior>,
    /// The type: `Opaque` where it is absent, or such as `kubernetes.io/tls`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// `KEY=VALUE`; one pair of quotes around the value is dropped.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub literals: Vec<String>,
    /// `PATH`, or `KEY=PATH`; the file is the value.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Paths of [env files](crate::EnvFile).
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub envs: Vec<String>,
    /// Deprecated: one path of `envs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// What differs from `generatorOptions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<GeneratorOptions>,
}

/// What a generator does with an equal resource of a base. kustomize takes another text for
/// `create`; here it is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeneratorBehavior {
    /// Make a new one; an equal one is an error.
    Create,
    /// Put it in the other's place.
    Replace,
    /// Put its keys over the other's.
    Merge,
}

/// `generatorOptions` of a kustomization, or `options` of a generator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct GeneratorOptions {
    /// Labels of what is generated.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of what is generated.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// No hash after the name.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub disable_name_suffix_hash: bool,
    /// `immutable: true` in what is generated.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub immutable: bool,
}
