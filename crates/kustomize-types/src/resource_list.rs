//! What a host writes to a function's standard input, and reads from its standard output.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixed_text::fixed_text;
use crate::null::null_as_default;
use crate::result::FunctionResult;

fixed_text! {
    /// The kind of a [`ResourceList`].
    ResourceListKind = "ResourceList"
}

/// The version of a [`ResourceList`]. The three differ in name only; kustomize and kpt check it on
/// neither side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResourceListVersion {
    /// `config.kubernetes.io/v1`, which every current host writes.
    #[default]
    #[serde(rename = "config.kubernetes.io/v1")]
    V1,
    /// `config.kubernetes.io/v1beta1`.
    #[serde(rename = "config.kubernetes.io/v1beta1")]
    V1Beta1,
    /// `config.kubernetes.io/v1alpha1`.
    #[serde(rename = "config.kubernetes.io/v1alpha1")]
    V1Alpha1,
}

/// The list of resources that a function takes and gives, as the KRM Functions Specification says
/// (`cmd/config/docs/api-conventions/functions-spec.md` of kustomize).
///
/// `Item` is the type of a resource; with the default, any JSON value. Reading through it resolves
/// every scalar, so this is the type for looking at a list and for making a new one, not for
/// passing through manifests whose quoting and comments matter.
///
/// `items` is required: a host deletes every resource that a function's output leaves out, so a
/// list without `items` is refused and not read as an empty one. Other fields are ignored, as the
/// hosts ignore them.
///
/// ```
/// use kustomize_types::ResourceList;
///
/// let list: ResourceList = serde_yaml::from_str(
///     "apiVersion: config.kubernetes.io/v1
/// kind: ResourceList
/// functionConfig: {kind: ConfigMap, data: {replicas: '3'}}
/// items:
/// - {apiVersion: v1, kind: Service, metadata: {name: a}}
/// ",
/// )?;
/// assert_eq!(list.items[0]["metadata"]["name"], "a");
/// # Ok::<(), serde_yaml::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceList<Item = Value> {
    /// The version.
    pub api_version: ResourceListVersion,
    /// `ResourceList`.
    pub kind: ResourceListKind,
    /// What the function is asked to do; `None` where the host has nothing to say.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub function_config: Option<Value>,
    /// The resources. A host replaces, adds and deletes by what it reads here.
    #[serde(deserialize_with = "null_as_default", bound(deserialize = "Item: Deserialize<'de>"))]
    pub items: Vec<Item>,
    /// What the function has to say, in its output.
    #[serde(
        default = "Vec::default",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub results: Vec<FunctionResult>,
}

impl<Item> ResourceList<Item> {
    /// A list of `items` in the current version, without results.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        Self {
            api_version: ResourceListVersion::V1,
            kind: ResourceListKind,
            function_config: None,
            items,
            results: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Severity;
    use serde_json::json;

    #[test]
    fn reads_the_three_versions() {
        for (version, read) in [
            ("v1", ResourceListVersion::V1),
            ("v1beta1", ResourceListVersion::V1Beta1),
            ("v1alpha1", ResourceListVersion::V1Alpha1),
        ] {
            let text = format!(
                "apiVersion: config.kubernetes.io/{version}\nkind: ResourceList\nitems: []\n"
            );
            let list: ResourceList = serde_yaml::from_str(&text).unwrap();
            assert_eq!(list.api_version, read);
            assert_eq!(serde_yaml::to_string(&list).unwrap(), text);
        }
    }

    #[test]
    fn comes_back_from_json_and_yaml() {
        let mut list = ResourceList::new(vec![json!({"kind": "Service", "spec": {"ports": [1]}})]);
        list.function_config = Some(json!({"kind": "ConfigMap", "data": {"a": "1"}}));
        let result = FunctionResult { severity: Some(Severity::Info), ..FunctionResult::new("m") };
        list.results.push(result);
        let yaml = serde_yaml::to_string(&list).unwrap();
        assert_eq!(serde_yaml::from_str::<ResourceList>(&yaml).unwrap(), list);
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<ResourceList>(&json).unwrap(), list);
    }

    #[test]
    fn reads_items_of_a_type() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Kind {
            kind: String,
        }
        let list: ResourceList<Kind> = serde_yaml::from_str(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{kind: A, x: 1}]\nresults:\nextra: 1\n",
        )
        .unwrap();
        assert_eq!(list.items, [Kind { kind: "A".to_owned() }]);
        assert!(list.results.is_empty());
    }

    #[test]
    fn refuses_other_lists() {
        for (text, part) in [
            ("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n", "missing field `items`"),
            ("apiVersion: v1\nkind: ResourceList\nitems: []\n", "unknown variant `v1`"),
            (
                "apiVersion: config.kubernetes.io/v1\nkind: List\nitems: []\n",
                "invalid value: string \"List\", expected \"ResourceList\"",
            ),
            ("kind: ResourceList\nitems: []\n", "missing field `apiVersion`"),
            (
                "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n",
                "expected a sequence",
            ),
        ] {
            let error = serde_yaml::from_str::<ResourceList>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
