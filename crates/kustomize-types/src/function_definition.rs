//! What a function's publisher says about it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixed_text::fixed_text;
use crate::metadata::Metadata;
use crate::null::{is_false, null_as_default};

fixed_text! {
    /// The version of a [`KrmFunctionDefinition`].
    FunctionDefinitionVersion = "config.kubernetes.io/v1alpha1"
}

fixed_text! {
    /// The kind of a [`KrmFunctionDefinition`].
    FunctionDefinitionKind = "KRMFunctionDefinition"
}

/// The definition of a KRM function, as a CustomResourceDefinition defines a resource: KEP-2906
/// and KEP-2985 of Kubernetes. Both are provisional, no host runs it; it is how a function is
/// described to people and registries.
///
/// ```
/// use kustomize_types::KrmFunctionDefinition;
///
/// let definition: KrmFunctionDefinition = serde_yaml::from_str(
///     "apiVersion: config.kubernetes.io/v1alpha1
/// kind: KRMFunctionDefinition
/// spec:
///   group: fn.example.com
///   names: {kind: SetLabels}
///   description: Sets labels.
///   publisher: example.com
///   versions:
///   - name: v1
///     schema: {openAPIV3Schema: {type: object}}
///     idempotent: true
///     usage: https://example.com/README.md
///     examples: [https://example.com/example.md]
///     license: Apache 2.0
///     runtime: {container: {image: 'example/set-labels:v1'}}
/// ",
/// )?;
/// assert_eq!(definition.spec.names.kind, "SetLabels");
/// # Ok::<(), serde_yaml::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KrmFunctionDefinition {
    /// `config.kubernetes.io/v1alpha1`.
    pub api_version: FunctionDefinitionVersion,
    /// `KRMFunctionDefinition`.
    pub kind: FunctionDefinitionKind,
    /// Name and labels of the definition itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The definition.
    pub spec: FunctionDefinitionSpec,
}

/// `spec` of a [`KrmFunctionDefinition`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionDefinitionSpec {
    /// The API group of the functionConfig.
    pub group: String,
    /// The names of the functionConfig.
    pub names: FunctionNames,
    /// What the function does, in short.
    pub description: String,
    /// Who makes and owns the function.
    pub publisher: String,
    /// The versions of the functionConfig.
    pub versions: Vec<FunctionVersion>,
    /// The function's home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Who maintains the function.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<String>,
    /// Keywords: `mutator`, `validator`, `generator`.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// The names of the functionConfig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionNames {
    /// Its kind.
    pub kind: String,
}

/// A version of the functionConfig, and of the function that reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionVersion {
    /// The name, such as `v1alpha1`.
    pub name: String,
    /// The functionConfig's schema.
    pub schema: FunctionSchema,
    /// Whether a second run changes nothing.
    pub idempotent: bool,
    /// The address of a README that tells how to use it.
    pub usage: String,
    /// The addresses of READMEs of examples; at least one.
    pub examples: Vec<String>,
    /// The license; the KEP allows `Apache 2.0` only, spelt like this.
    pub license: String,
    /// Who maintains this version, if others than the function's maintainers.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<String>,
    /// How to run it: as a container, as a program, or either.
    pub runtime: FunctionRuntime,
}

/// The schema of a functionConfig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSchema {
    /// An OpenAPI v3 schema, as in a CustomResourceDefinition.
    #[serde(rename = "openAPIV3Schema")]
    pub open_api_v3_schema: Value,
}

/// How to run a function. At least one of the two is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionRuntime {
    /// As a container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerRuntime>,
    /// As a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecRuntime>,
}

/// A function as a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerRuntime {
    /// The image.
    pub image: String,
    /// The image's digest; required where its tag is a semantic version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether the function needs the network.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub require_network: bool,
    /// Whether the function needs a mount.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub require_storage_mount: bool,
}

/// A function as a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecRuntime {
    /// The program for each platform.
    pub platforms: Vec<Platform>,
}

/// The program for a platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The program's name.
    pub bin: String,
    /// `linux`, `darwin` or `windows`.
    pub os: String,
    /// `amd64` or `arm64`.
    pub arch: String,
    /// Where to get it.
    pub uri: String,
    /// Its digest.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "apiVersion: config.kubernetes.io/v1alpha1
kind: KRMFunctionDefinition
metadata:
  name: set-labels
spec:
  group: fn.example.com
  names:
    kind: SetLabels
  description: Sets labels.
  publisher: example.com
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
    idempotent: true
    usage: https://example.com/README.md
    examples:
    - https://example.com/example.md
    license: Apache 2.0
    runtime:
      container:
        image: example/set-labels:v1.0.0
        sha256: a428de
        requireNetwork: true
        requireStorageMount: true
      exec:
        platforms:
        - bin: set-labels
          os: linux
          arch: amd64
          uri: https://example.com/set-labels.tar.gz
          sha256: 89b1
  home: https://example.com
  maintainers:
  - someone@example.com
  tags:
  - mutator
";

    #[test]
    fn comes_back_as_written() {
        let definition: KrmFunctionDefinition = serde_yaml::from_str(SAMPLE).unwrap();
        assert_eq!(serde_yaml::to_string(&definition).unwrap(), SAMPLE);
        assert_eq!(definition.spec.versions[0].schema.open_api_v3_schema["type"], "object");
    }

    #[test]
    fn refuses_incomplete_definitions() {
        for (from, to, part) in [
            ("v1alpha1\n", "v1\n", "expected \"config.kubernetes.io/v1alpha1\""),
            ("KRMFunctionDefinition", "KRMFunctionCatalog", "expected \"KRMFunctionDefinition\""),
            ("  publisher: example.com\n", "", "missing field `publisher`"),
            ("    idempotent: true\n", "", "missing field `idempotent`"),
            ("openAPIV3Schema", "openapi", "missing field `openAPIV3Schema`"),
            ("        image: example/set-labels:v1.0.0\n", "", "missing field `image`"),
        ] {
            let text = SAMPLE.replacen(from, to, 1);
            assert_ne!(text, SAMPLE);
            let error =
                serde_yaml::from_str::<KrmFunctionDefinition>(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}
