//! `namespace` (`api/filters/namespace/namespace.go` of kustomize).

use std::collections::HashMap;

use json_patch::PatchOperation;
use krm_package::operation;
use serde_json::Value;

use super::super::diags::{FieldProblem, ObjectProblem, Refused};
use super::super::document::Document;
use super::super::fields::{FieldSpec, Leaf, entry, text};
use super::super::id::{Gvk, Key};

const SERVICES: [FieldSpec; 2] = [
    FieldSpec {
        group: "apiregistration.k8s.io",
        version: "",
        kind: "APIService",
        below: "",
        path: "spec/service/namespace",
        create: true,
    },
    FieldSpec {
        group: "apiextensions.k8s.io",
        version: "",
        kind: "CustomResourceDefinition",
        below: "",
        path: "spec/conversion/webhook/clientConfig/service/namespace",
        create: false,
    },
];

const OWN: FieldSpec = FieldSpec {
    group: "",
    version: "",
    kind: "",
    below: "",
    path: "metadata/namespace",
    create: true,
};
const NAME: FieldSpec =
    FieldSpec { group: "", version: "", kind: "", below: "", path: "metadata/name", create: true };

/// Puts every object into the namespace.
pub(super) fn set(documents: &mut [Document], namespace: &str) -> Result<(), Refused> {
    let mut counts: HashMap<Key, usize> = HashMap::new();
    for document in &*documents {
        *counts.entry(document.id.key()).or_default() += 1;
    }
    for document in documents {
        let before = document.id.key();
        document.store_earlier();
        let mut value = document.value()?;
        let operations = operations(&document.id.gvk, &mut value, namespace)
            .map_err(|error| document.refused(&error))?;
        document.patch(operations)?;
        *counts.entry(before).or_default() -= 1;
        let now = counts.entry(document.id.key()).or_default();
        *now += 1;
        if *now > 1 {
            return Err(document.refused(&ObjectProblem::MovedTogether(namespace)));
        }
    }
    Ok(())
}

fn operations(
    gvk: &Gvk,
    value: &mut Value,
    namespace: &str,
) -> Result<Vec<PatchOperation>, FieldProblem> {
    let mut operations = Vec::new();
    let mut set = |value: &mut Value| text(value, namespace);
    let is_namespace = gvk.kind == "Namespace" && gvk.group.is_empty() && gvk.version == "v1";
    let own = (!gvk.is_of_the_cluster()).then_some(&OWN);
    let name = is_namespace.then_some(&NAME);
    let services = SERVICES.iter().filter(|spec| spec.fits(gvk));
    for spec in own.into_iter().chain(name).chain(services) {
        operations.extend(spec.visit(value, &Leaf::Text, &mut set)?);
    }
    if matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        operations.extend(subjects(value, namespace)?);
    }
    Ok(operations)
}

/// Of a binding's subjects, those that are called `default`.
fn subjects(value: &mut Value, namespace: &str) -> Result<Vec<PatchOperation>, FieldProblem> {
    let mut operations = Vec::new();
    let subjects = value.get_mut("subjects").and_then(Value::as_array_mut);
    for (place, subject) in subjects.into_iter().flatten().enumerate() {
        if subject.get("name").and_then(Value::as_str) == Some("default")
            && !entry(subject, "namespace", namespace)
                .map_err(|problem| FieldProblem { path: "subjects", problem })?
                .is_empty()
        {
            let path = ["subjects", &place.to_string(), "namespace"];
            operations.push(operation::add(&path, namespace));
        }
    }
    Ok(operations)
}
