//! What kustomize tells objects apart by.

use crate::values::k8s::group_and_version;
use krm_package::NodeRef;

/// The namespace of an object that gives none.
pub(super) const DEFAULT_NAMESPACE: &str = "default";
/// What represents the namespace of an object of the whole cluster.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// Group, version and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Gvk {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
}

/// An object's id: of two with one id, a kustomization holds one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) gvk: Gvk,
    /// Empty where the object gives none.
    pub(super) namespace: String,
    pub(super) name: String,
}

/// An id as kustomize compares it: the namespace is the one that the object will be in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(Gvk, String, String);

impl Gvk {
    pub(super) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = group_and_version(api_version);
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// Whether the group, version and kind of a field's description fit; an empty one fits all.
    pub(super) fn is_of(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        fits(group, &self.group) && fits(version, &self.version) && fits(kind, &self.kind)
    }

    /// Whether the kind is one that kustomize knows to be of the whole cluster
    /// (`precomputedIsNamespaceScoped` in `openapi/openapi.go` of kyaml). One that it does not know, such
    /// as a custom resource, it takes for one of a namespace.
    pub(super) fn is_of_the_cluster(&self) -> bool {
        const V1: &[&str] = &["v1"];
        const BETA: &[&str] = &["v1", "v1beta1"];
        let versions = match (self.group.as_str(), self.kind.as_str()) {
            (
                "",
                "ComponentStatus" | "Namespace" | "Node" | "NodeProxyOptions" | "PersistentVolume",
            )
            | (
                "admissionregistration.k8s.io",
                "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding",
            ) => V1,
            (
                "admissionregistration.k8s.io",
                "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
            )
            | ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("apiregistration.k8s.io", "APIService")
            | ("certificates.k8s.io", "CertificateSigningRequest")
            | ("networking.k8s.io", "IngressClass")
            | ("node.k8s.io", "RuntimeClass")
            | ("rbac.authorization.k8s.io", "ClusterRole" | "ClusterRoleBinding")
            | ("scheduling.k8s.io", "PriorityClass")
            | ("storage.k8s.io", "CSIDriver" | "CSINode" | "StorageClass" | "VolumeAttachment") => {
                BETA
            }
            ("flowcontrol.apiserver.k8s.io", "FlowSchema" | "PriorityLevelConfiguration")
            | ("policy", "PodSecurityPolicy") => &["v1beta1"],
            _ => return false,
        };
        versions.contains(&self.version.as_str())
    }
}

impl Id {
    pub(super) fn of(object: NodeRef<'_>) -> Self {
        let text = |node: Option<NodeRef<'_>>, key| {
            let found = node.and_then(|node| node.get(key)).and_then(NodeRef::as_str);
            found.unwrap_or_default().into_owned()
        };
        let metadata = object.get("metadata");
        Self {
            gvk: Gvk::new(&text(Some(object), "apiVersion"), &text(Some(object), "kind")),
            namespace: text(metadata, "namespace"),
            name: text(metadata, "name"),
        }
    }

    /// The namespace that the object will be in.
    pub(super) fn effective_namespace(&self) -> &str {
        if self.gvk.is_of_the_cluster() {
            NO_NAMESPACE
        } else if self.namespace.is_empty() {
            DEFAULT_NAMESPACE
        } else {
            &self.namespace
        }
    }

    pub(super) fn key(&self) -> Key {
        Key(self.gvk.clone(), self.effective_namespace().to_owned(), self.name.clone())
    }

    /// `Kind namespace/name`, as messages name it.
    pub(super) fn shown(&self) -> String {
        let Self { gvk: Gvk { kind, .. }, namespace, name } = self;
        if namespace.is_empty() {
            format!("{kind} {name}")
        } else {
            format!("{kind} {namespace}/{name}")
        }
    }
}
