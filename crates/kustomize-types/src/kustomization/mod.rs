//! `kustomization.yaml`: a Kustomization, or a Component.

mod deprecated;
mod function_source;
mod generator;
mod helm;
mod label;
mod patch;
mod replacement;
mod selector;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::null::{null_as_default, texts};

pub use deprecated::{DeprecatedField, FieldReference, HelmChartInflation, Var, VarTarget};
pub use function_source::FunctionSource;
pub use generator::{ConfigMapGenerator, GeneratorBehavior, GeneratorOptions, SecretGenerator};
pub use helm::{HelmChart, HelmGlobals};
pub use label::{FieldSpec, Label};
pub use patch::{Image, Patch, PatchOptions, Replica};
pub use replacement::{FieldOptions, Replacement, ReplacementSource, ReplacementTarget};
pub use selector::Selector;

/// The names that kustomize looks for in a directory, which holds exactly one of them
/// (`konfig.RecognizedKustomizationFileNames`).
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization file, with every field that kustomize's API v0.21.1 has, the deprecated ones
/// too (`api/types/kustomization.go`).
///
/// Fields that kustomize does not know are refused, as it refuses them. It differs in four
/// places: it takes field names in any case (`Resources`), the last of two equal keys, any
/// text for a generator's `behavior`, and no number where a text is required; here names have
/// their exact case, equal keys are an error, a behavior is one of the three, and a number in YAML
/// is read as the text it is written as. `null` is a field that is not there.
///
/// ```
/// use kustomize_types::Kustomization;
///
/// let kustomization: Kustomization = serde_yaml::from_str(
///     "resources: [ingress.yaml]
/// configMapGenerator:
/// - {name: params, envs: [params.env]}
/// commonLabels: {app: a}
/// ",
/// )?;
/// assert_eq!(kustomization.config_map_generator[0].envs, ["params.env"]);
/// let deprecated = kustomization.deprecated_fields();
/// assert_eq!(deprecated[0].to_string(), "commonLabels is deprecated; use labels instead");
/// # Ok::<(), serde_yaml::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Kustomization {
    /// `kustomize.config.k8s.io/v1beta1`, or `…/v1alpha1` of a Component; kustomize fills it in
    /// where it is absent. See [`Kustomization::variant`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `Kustomization` or `Component`; kustomize takes the first where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name and annotations of the kustomization itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// `path` of an OpenAPI schema, or `version` of a built-in one.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub openapi: BTreeMap<String, String>,

    /// Put before the name of every resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Put after the name of every resource, before a generator's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_suffix: Option<String>,
    /// The namespace of every resource that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Deprecated: labels of every resource and of every selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_labels: Option<BTreeMap<String, String>>,
    /// Labels of every resource.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// Annotations of every resource.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub common_annotations: BTreeMap<String, String>,
    /// Deprecated: strategic merge patches, each a path or the patch itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches_strategic_merge: Option<Vec<String>>,
    /// Deprecated: JSON patches.
    #[serde(rename = "patchesJson6902", skip_serializing_if = "Option::is_none")]
    pub patches_json6902: Option<Vec<Patch>>,
    /// Strategic merge patches and JSON patches.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<Patch>,
    /// Images by another name, tag or digest.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Deprecated: `images` by its old name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tags: Option<Vec<Image>>,
    /// Values copied from one field to others.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub replacements: Vec<Replacement>,
    /// Numbers of replicas.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub replicas: Vec<Replica>,
    /// Deprecated: values put in for `$(NAME)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vars: Option<Vec<Var>>,
    /// The order of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_options: Option<SortOptions>,

    /// Files, directories and addresses of resources.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Directories and addresses of Components.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// Files of CustomResourceDefinitions, to learn which of their fields hold names.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub crds: Vec<String>,
    /// Deprecated: directories and addresses of other kustomizations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bases: Option<Vec<String>>,

    /// ConfigMaps made of files, literals and env files.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub config_map_generator: Vec<ConfigMapGenerator>,
    /// Secrets made of files, literals and env files.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub secret_generator: Vec<SecretGenerator>,
    /// What holds for every chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helm_globals: Option<HelmGlobals>,
    /// Charts to inflate, with `--enable-helm`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub helm_charts: Vec<HelmChart>,
    /// Deprecated: charts in an older form. kustomize converts them without a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helm_chart_inflation_generator: Option<Vec<HelmChartInflation>>,
    /// What holds for every generated ConfigMap and Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator_options: Option<GeneratorOptions>,
    /// Files that configure the built-in transformers.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub configurations: Vec<String>,

    /// functionConfigs of generators.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub generators: Vec<FunctionSource>,
    /// functionConfigs of transformers, which run after the fields above.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub transformers: Vec<FunctionSource>,
    /// functionConfigs of validators, which must give back their input byte for byte.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<FunctionSource>,
    /// `originAnnotations`, `transformerAnnotations`, `managedByLabel`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub build_metadata: Vec<String>,
}

/// Which of the two kinds a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `kind: Kustomization`, `kustomize.config.k8s.io/v1beta1`.
    Kustomization,
    /// `kind: Component`, `kustomize.config.k8s.io/v1alpha1`: named under `components`, and applied
    /// to what its user has gathered so far.
    Component,
}

/// A kind or version that no kustomization has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariantError {
    /// The kind.
    #[error("kind {0:?} is neither Kustomization nor Component")]
    Kind(String),
    /// The version.
    #[error("invalid apiVersion {found:?} for kind {kind}; set it to {expected}")]
    ApiVersion {
        /// What is there.
        found: String,
        /// The kind.
        kind: &'static str,
        /// The kind's version.
        expected: &'static str,
    },
}

impl Variant {
    /// Which kind a file of this `kind` and `apiVersion` is; a Kustomization where it does not say.
    ///
    /// # Errors
    /// A kind or version that kustomize refuses (`EnforceFields`).
    ///
    /// ```
    /// use kustomize_types::kustomization::Variant;
    ///
    /// assert_eq!(Variant::of(Some("Component"), None), Ok(Variant::Component));
    /// assert!(Variant::of(None, Some("kustomize.config.k8s.io/v1alpha1")).is_err());
    /// ```
    pub fn of(kind: Option<&str>, api_version: Option<&str>) -> Result<Self, VariantError> {
        let (variant, kind, expected) = match kind.unwrap_or_default() {
            "" | "Kustomization" => {
                (Self::Kustomization, "Kustomization", "kustomize.config.k8s.io/v1beta1")
            }
            "Component" => (Self::Component, "Component", "kustomize.config.k8s.io/v1alpha1"),
            other => return Err(VariantError::Kind(other.to_owned())),
        };
        match api_version.unwrap_or_default() {
            "" => Ok(variant),
            version if version == expected => Ok(variant),
            found => Err(VariantError::ApiVersion { found: found.to_owned(), kind, expected }),
        }
    }
}

impl Kustomization {
    /// Which kind the file is; see [`Variant::of`].
    ///
    /// # Errors
    /// A kind or version that kustomize refuses.
    pub fn variant(&self) -> Result<Variant, VariantError> {
        Variant::of(self.kind.as_deref(), self.api_version.as_deref())
    }

    /// The deprecated fields that the file has, in the order that kustomize has them.
    ///
    /// kustomize itself warns of six: `bases`, `commonLabels`, `imageTags`, `patchesJson6902`,
    /// `patchesStrategicMerge` and `vars`, also where they are empty lists. The others here it
    /// converts without a word.
    #[must_use]
    pub fn deprecated_fields(&self) -> Vec<DeprecatedField> {
        let env = self.config_map_generator.iter().any(|map| map.env.is_some());
        let secret_env = self.secret_generator.iter().any(|secret| secret.env.is_some());
        [
            (self.bases.is_some(), "bases", "resources"),
            (self.common_labels.is_some(), "commonLabels", "labels"),
            (self.image_tags.is_some(), "imageTags", "images"),
            (self.patches_json6902.is_some(), "patchesJson6902", "patches"),
            (self.patches_strategic_merge.is_some(), "patchesStrategicMerge", "patches"),
            (self.vars.is_some(), "vars", "replacements"),
            (
                self.helm_chart_inflation_generator.is_some(),
                "helmChartInflationGenerator",
                "helmCharts",
            ),
            (env, "configMapGenerator[].env", "envs"),
            (secret_env, "secretGenerator[].env", "envs"),
        ]
        .into_iter()
        .filter(|(present, _, _)| *present)
        .map(|(_, field, replacement)| DeprecatedField { field, replacement })
        .collect()
    }
}

/// The order of kustomize's output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SortOptions {
    /// `legacy` (by kind) or `fifo` (as read).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
    /// Which kinds come first and last with `legacy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_sort_options: Option<LegacySortOptions>,
}

/// A way to order the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// By kind.
    Legacy,
    /// As read.
    Fifo,
}

/// Which kinds come first and last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LegacySortOptions {
    /// The kinds that come first.
    #[serde(deserialize_with = "null_as_default")]
    pub order_first: Vec<String>,
    /// The kinds that come last.
    #[serde(deserialize_with = "null_as_default")]
    pub order_last: Vec<String>,
}

#[cfg(test)]
mod tests;
