//! The annotation that makes an object a functionConfig: which function to run on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::null::{is_false, null_as_default};

/// The annotation whose value, a YAML text, is a [`FunctionSpec`].
pub const FUNCTION_ANNOTATION: &str = "config.kubernetes.io/function";
/// The older name of [`FUNCTION_ANNOTATION`], read where the newer is absent.
pub const LEGACY_FUNCTION_ANNOTATION: &str = "config.k8s.io/function";

/// The value of [`FUNCTION_ANNOTATION`]: how kustomize runs the function.
///
/// kustomize refuses other fields, and so does this type (`fn/runtime/runtimeutil` of kyaml,
/// v0.21.1, which reads them with `UnmarshalStrict`; `starlark` was one once).
///
/// ```
/// use kustomize_types::function_annotation::{FunctionSpec, Runner};
///
/// let spec: FunctionSpec = serde_yaml::from_str("container: {image: 'example/fn:v1'}")?;
/// let Some(Runner::Container(container)) = spec.runner() else { panic!("no container") };
/// assert_eq!(container.image, "example/fn:v1");
/// # Ok::<(), serde_yaml::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FunctionSpec {
    /// Run it as a container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerSpec>,
    /// Run it as a program. kubectl skips it without a word; standalone kustomize needs
    /// `--enable-exec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecSpec>,
    /// Go on when the function fails, and fail at the end.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub defer_failure: bool,
}

/// What kustomize runs for a [`FunctionSpec`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner<'a> {
    /// A container.
    Container(&'a ContainerSpec),
    /// A program.
    Exec(&'a ExecSpec),
}

impl FunctionSpec {
    /// What kustomize runs: the container if there is an image, else the program if there is a
    /// path, else nothing, and then it leaves the resources as they are without a word.
    #[must_use]
    pub fn runner(&self) -> Option<Runner<'_>> {
        let container = self.container.as_ref().filter(|container| !container.image.is_empty());
        let exec = self.exec.as_ref().filter(|exec| !exec.path.is_empty());
        container.map(Runner::Container).or_else(|| exec.map(Runner::Exec))
    }
}

/// A function that is a container image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContainerSpec {
    /// The image; kustomize passes it no arguments, so it needs an entry point.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Whether it needs the network. Also needs kustomize's `--network`, and gives the host's.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub network: bool,
    /// What to mount; paths are relative and below the kustomization.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<StorageMount>,
    /// `NAME=VALUE`, or `NAME` for the value in kustomize's own environment.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub envs: Vec<String>,
}

/// A mount of a container. `Display` gives the value of docker's `--mount`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageMount {
    /// `bind`, `volume` or `tmpfs`.
    #[serde(
        rename = "type",
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub mount_type: String,
    /// The path or volume on the host.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub src: String,
    /// The path in the container.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub dst: String,
    /// Whether the container may write.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub rw: bool,
}

impl fmt::Display for StorageMount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mount_type, src, dst, rw } = self;
        let mode = if *rw { "" } else { ",readonly" };
        write!(out, "type={mount_type},source={src},target={dst}{mode}")
    }
}

/// A function that is a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExecSpec {
    /// The program.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Its arguments. Newer than kyaml v0.18.1 (kubectl 1.32), which refuses the field.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Its environment, `NAME=VALUE`. Newer than kyaml v0.18.1, too.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub envs: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_written() {
        for text in [
            "container:\n  image: example/fn:v1\n",
            "container:\n  image: example/fn:v1\n  network: true\n  mounts:\n  - type: bind\n    src: ./a\n    dst: /a\n    rw: true\n  envs:\n  - A=b\n  - C\n",
            "exec:\n  path: ./fn\n",
            "exec:\n  path: ./fn\n  args:\n  - -v\n  envs:\n  - A=b\ndeferFailure: true\n",
        ] {
            let spec: FunctionSpec = serde_yaml::from_str(text).unwrap();
            assert_eq!(serde_yaml::to_string(&spec).unwrap(), text);
        }
    }

    #[test]
    fn refuses_what_kustomize_refuses() {
        for (text, part) in [
            ("starlark: {path: a}", "unknown field `starlark`"),
            ("container: {image: a, command: [b]}", "unknown field `command`"),
            ("container: {image: a, mounts: [{source: a}]}", "unknown field `source`"),
            ("container: example/fn:v1", "invalid type: string"),
            ("container: {image: a, network: sometimes}", "invalid type: string"),
            ("container: {image: a}\ncontainer: {image: b}", "duplicate"),
        ] {
            let error = serde_yaml::from_str::<FunctionSpec>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn runs_the_container_first_and_perhaps_nothing() {
        let spec = |text| serde_yaml::from_str::<FunctionSpec>(text).unwrap();
        let both = spec("container: {image: a}\nexec: {path: b}");
        assert!(
            matches!(both.runner(), Some(Runner::Container(container)) if container.image == "a")
        );
        let exec = spec("container: {image: }\nexec: {path: b}");
        assert!(matches!(exec.runner(), Some(Runner::Exec(exec)) if exec.path == "b"));
        for nothing in ["{}", "exec: {}", "container: {network: true}", "container:"] {
            assert_eq!(spec(nothing).runner(), None, "{nothing}");
        }
    }

    #[test]
    fn mounts_as_docker_takes_them() {
        let mount = |text| serde_yaml::from_str::<StorageMount>(text).unwrap().to_string();
        assert_eq!(
            mount("{type: bind, src: ./a, dst: /b}"),
            "type=bind,source=./a,target=/b,readonly"
        );
        assert_eq!(mount("{type: tmpfs, dst: /b, rw: true}"), "type=tmpfs,source=,target=/b");
    }
}
