//! `labels` (`api/filters/labels/labels.go` of kustomize), and the fields that get them
//! (`commonlabels.go` and `metadatalabels.go` in `api/internal/konfig/builtinpluginconsts`).

use kustomize_types::kustomization::Label;

use super::super::diags::Refused;
use super::super::document::Document;
use super::super::fields::{FieldSpec, Leaf, entry};

const fn spec(
    group: &'static str,
    kind: &'static str,
    path: &'static str,
    create: bool,
) -> FieldSpec {
    FieldSpec { group, version: "", kind, below: "", path, create }
}

const fn v1(kind: &'static str, path: &'static str) -> FieldSpec {
    FieldSpec { group: "", version: "v1", kind, below: "", path, create: true }
}

const OWN: [FieldSpec; 1] = [spec("", "", "metadata/labels", true)];

const TEMPLATES: [FieldSpec; 8] = [
    v1("ReplicationController", "spec/template/metadata/labels"),
    spec("", "Deployment", "spec/template/metadata/labels", true),
    spec("", "ReplicaSet", "spec/template/metadata/labels", true),
    spec("", "DaemonSet", "spec/template/metadata/labels", true),
    spec("apps", "StatefulSet", "spec/template/metadata/labels", true),
    spec("batch", "Job", "spec/template/metadata/labels", true),
    spec("batch", "CronJob", "spec/jobTemplate/metadata/labels", true),
    spec("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true),
];

const SELECTORS: [FieldSpec; 13] = [
    v1("Service", "spec/selector"),
    v1("ReplicationController", "spec/selector"),
    spec("", "Deployment", "spec/selector/matchLabels", true),
    spec("", "ReplicaSet", "spec/selector/matchLabels", true),
    spec("", "DaemonSet", "spec/selector/matchLabels", true),
    spec("apps", "StatefulSet", "spec/selector/matchLabels", true),
    spec("apps", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true),
    spec("batch", "Job", "spec/selector/matchLabels", false),
    spec("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false),
    spec("policy", "PodDisruptionBudget", "spec/selector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false),
    spec("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false),
];

/// The fields of Deployments and StatefulSets by which pods keep near to, or away from, others.
const PLACEMENTS: [&str; 5] = [
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

/// Gives every object the labels of an entry.
pub(super) fn set(documents: &mut [Document], label: &Label) -> Result<(), Refused> {
    let mut specs: Vec<FieldSpec> = OWN.to_vec();
    if label.include_selectors || label.include_templates {
        specs.extend(TEMPLATES);
    }
    if label.include_selectors {
        specs.extend(SELECTORS);
        for kind in ["Deployment", "StatefulSet"] {
            specs.extend(PLACEMENTS.map(|path| spec("apps", kind, path, false)));
        }
    }
    if label.pairs.is_empty() {
        return Ok(());
    }
    for document in documents {
        let mut value = document.value()?;
        let mut operations = Vec::new();
        for (key, text) in &label.pairs {
            for spec in specs.iter().filter(|spec| spec.fits(&document.id.gvk)) {
                let mut set = |value: &mut _| entry(value, key, text);
                let done = spec.visit(&mut value, &Leaf::Mapping, &mut set);
                operations.extend(done.map_err(|error| document.refused(&error))?);
            }
        }
        document.patch(operations)?;
    }
    Ok(())
}
