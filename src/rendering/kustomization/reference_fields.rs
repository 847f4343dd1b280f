//! The fields that name other objects, as kustomize knows them
//! (`api/internal/konfig/builtinpluginconsts/namereference.go`).

use super::super::fields::FieldSpec;

/// The kind that a field names; an empty group or version is any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Referred {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
}

const fn v1(kind: &'static str) -> Referred {
    Referred { group: "", version: "v1", kind }
}

const fn of_group(group: &'static str, version: &'static str, kind: &'static str) -> Referred {
    Referred { group, version, kind }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Fields of a pod's spec.
const CONFIG_MAPS_OF_PODS: [&str; 6] = [
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
];
/// The same of Secrets.
const SECRETS_OF_PODS: [&str; 7] = [
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
];

/// What creates pods: the kind, its version where kustomize requires one, and where the pod's spec is.
const PODS: [(&str, &str, &str); 8] = [
    ("Pod", "v1", "spec"),
    ("PodTemplate", "", "template/spec"),
    ("Deployment", "", "spec/template/spec"),
    ("ReplicaSet", "", "spec/template/spec"),
    ("DaemonSet", "", "spec/template/spec"),
    ("StatefulSet", "", "spec/template/spec"),
    ("Job", "", "spec/template/spec"),
    ("CronJob", "", "spec/jobTemplate/spec/template/spec"),
];

/// The kinds of which it knows the service account, the claims and the priority as well.
const OF_ACCOUNTS: [(&str, &str, &str); 7] = [
    ("Pod", "", "spec"),
    ("Deployment", "", "spec/template/spec"),
    ("DaemonSet", "", "spec/template/spec"),
    ("StatefulSet", "", "spec/template/spec"),
    ("Job", "", "spec/template/spec"),
    ("CronJob", "", "spec/jobTemplate/spec/template/spec"),
    ("ReplicationController", "", "spec/template/spec"),
];

/// All other fields: what they name, and the group and kind of the object that has them.
const OTHERS: [(Referred, &str, &str, &str); 40] = [
    (of_group("", "", "Deployment"), "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
    (
        of_group("", "", "ReplicationController"),
        "",
        "HorizontalPodAutoscaler",
        "spec/scaleTargetRef/name",
    ),
    (of_group("", "", "ReplicaSet"), "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
    (of_group("", "", "StatefulSet"), "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
    (v1("ConfigMap"), "", "Node", "spec/configSource/configMap"),
    (v1("ConfigMap"), "", "Role", "rules/resourceNames"),
    (v1("ConfigMap"), "", "ClusterRole", "rules/resourceNames"),
    (
        v1("ConfigMap"),
        "",
        "Ingress",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap",
    ),
    (v1("Secret"), "", "Ingress", "spec/tls/secretName"),
    (v1("Secret"), "", "Ingress", r"metadata/annotations/ingress.kubernetes.io\/auth-secret"),
    (v1("Secret"), "", "Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret"),
    (
        v1("Secret"),
        "",
        "Ingress",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret",
    ),
    (v1("Secret"), "", "ServiceAccount", "imagePullSecrets/name"),
    (v1("Secret"), "", "StorageClass", "parameters/secretName"),
    (v1("Secret"), "", "StorageClass", "parameters/adminSecretName"),
    (v1("Secret"), "", "StorageClass", "parameters/userSecretName"),
    (v1("Secret"), "", "StorageClass", "parameters/secretRef"),
    (v1("Secret"), "", "Role", "rules/resourceNames"),
    (v1("Secret"), "", "ClusterRole", "rules/resourceNames"),
    (v1("Secret"), "", "PersistentVolume", "spec/azureFile/secretName"),
    (v1("Service"), "apps", "StatefulSet", "spec/serviceName"),
    (v1("Service"), "", "Ingress", "spec/rules/http/paths/backend/serviceName"),
    (v1("Service"), "", "Ingress", "spec/backend/serviceName"),
    (v1("Service"), "", "Ingress", "spec/rules/http/paths/backend/service/name"),
    (v1("Service"), "", "Ingress", "spec/defaultBackend/service/name"),
    (v1("Service"), "apiregistration.k8s.io", "APIService", "spec/service/name"),
    (v1("Service"), ADMISSION, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
    (v1("Service"), ADMISSION, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
    (of_group(RBAC, "", "Role"), RBAC, "RoleBinding", "roleRef/name"),
    (of_group(RBAC, "", "ClusterRole"), RBAC, "RoleBinding", "roleRef/name"),
    (of_group(RBAC, "", "ClusterRole"), RBAC, "ClusterRoleBinding", "roleRef/name"),
    (v1("ServiceAccount"), RBAC, "RoleBinding", "subjects"),
    (v1("ServiceAccount"), RBAC, "ClusterRoleBinding", "subjects"),
    (v1("PersistentVolume"), "", "PersistentVolumeClaim", "spec/volumeName"),
    (v1("PersistentVolume"), "", "ClusterRole", "rules/resourceNames"),
    (STORAGE_CLASS, "", "PersistentVolume", "spec/storageClassName"),
    (STORAGE_CLASS, "", "PersistentVolumeClaim", "spec/storageClassName"),
    (STORAGE_CLASS, "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    (
        of_group(ADMISSION, "", "ValidatingAdmissionPolicy"),
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        "spec/policyName",
    ),
    (
        v1("Secret"),
        "serving.knative.dev",
        "Service",
        "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
    ),
];

const STORAGE_CLASS: Referred = of_group("storage.k8s.io", "v1", "StorageClass");

/// Every field that names another object, and the kind that it names.
pub(super) fn all() -> Vec<(Referred, FieldSpec)> {
    let pod = |referred: Referred,
               (kind, version, below): (&'static str, &'static str, &'static str),
               path| {
        (referred, FieldSpec { group: "", version, kind, below, path, create: false })
    };
    let mut found = Vec::new();
    for place in PODS {
        found.extend(CONFIG_MAPS_OF_PODS.map(|path| pod(v1("ConfigMap"), place, path)));
        found.extend(SECRETS_OF_PODS.map(|path| pod(v1("Secret"), place, path)));
    }
    for place in OF_ACCOUNTS {
        found.push(pod(v1("ServiceAccount"), place, "serviceAccountName"));
        let claim = "volumes/persistentVolumeClaim/claimName";
        found.push(pod(v1("PersistentVolumeClaim"), place, claim));
        let priority = of_group("scheduling.k8s.io", "v1", "PriorityClass");
        found.push(pod(priority, place, "priorityClassName"));
    }
    found.extend(OTHERS.map(|(referred, group, kind, path)| {
        let version = if group == "serving.knative.dev" { "v1" } else { "" };
        (referred, FieldSpec { group, version, kind, below: "", path, create: false })
    }));
    found
}
