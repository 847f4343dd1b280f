//! What kpt writes with `--results-dir`.

use serde::{Deserialize, Serialize};

use crate::fixed_text::fixed_text;
use crate::kptfile::KptVersion;
use crate::metadata::Metadata;
use crate::null::null_as_default;
use crate::result::FunctionResult;

fixed_text! {
    /// The kind of a [`FunctionResultList`].
    FunctionResultListKind = "FunctionResultList"
}

/// kpt's `results.yaml`: what each function of a pipeline said, in the order they ran
/// (`api/fnresult/v1/types.go` of kpt).
///
/// ```
/// use kustomize_types::FunctionResultList;
///
/// let list: FunctionResultList = serde_yaml::from_str(
///     "apiVersion: kpt.dev/v1
/// kind: FunctionResultList
/// metadata: {name: fnresults}
/// exitCode: 1
/// items:
/// - image: example/validate:v1
///   exitCode: 1
///   results: [{message: no name, severity: error}]
/// ",
/// )?;
/// assert_eq!(list.items[0].results[0].to_string(), "[error]: no name");
/// # Ok::<(), serde_yaml::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionResultList {
    /// `kpt.dev/v1`.
    pub api_version: KptVersion,
    /// `FunctionResultList`.
    pub kind: FunctionResultListKind,
    /// The name is `fnresults`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// kpt's own exit code.
    pub exit_code: i32,
    /// Each function that ran.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<FunctionRun>,
}

/// One function that kpt ran.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionRun {
    /// The image with its registry; or `exec` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The program with its arguments; or `image` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    /// What the function wrote to its standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// The function's exit code.
    pub exit_code: i32,
    /// The function's results. kpt writes their values as texts.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<FunctionResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_written() {
        let text = "apiVersion: kpt.dev/v1
kind: FunctionResultList
metadata:
  name: fnresults
exitCode: 1
items:
- image: example/set-labels:v1
  exitCode: 0
- exec: ./validate -v
  stderr: 'failed to evaluate function: error: function failure'
  exitCode: 1
  results:
  - message: no name
    severity: error
    resourceRef:
      apiVersion: apps/v1
      kind: Deployment
      name: nginx
    field:
      path: spec.replicas
      currentValue: '4'
    file:
      path: resources.yaml
";
        let list: FunctionResultList = serde_yaml::from_str(text).unwrap();
        assert_eq!(serde_yaml::to_string(&list).unwrap(), text);
        assert_eq!(list.items.len(), 2);
    }

    #[test]
    fn refuses_other_objects() {
        for (text, part) in [
            ("{apiVersion: kpt.dev/v1, kind: Kptfile, exitCode: 0}", "\"FunctionResultList\""),
            ("{apiVersion: kpt.dev/v1, kind: FunctionResultList}", "missing field `exitCode`"),
            ("{apiVersion: v1, kind: FunctionResultList, exitCode: 0}", "\"kpt.dev/v1\""),
        ] {
            let error = serde_yaml::from_str::<FunctionResultList>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
