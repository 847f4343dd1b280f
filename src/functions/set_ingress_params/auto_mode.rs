//! EKS Auto Mode: the class by name, and its `IngressClassParams` in the place of annotations.
//!
//! Source: the EKS user guide, "Create an `IngressClass` to configure an Application Load Balancer".

use std::collections::BTreeMap;

use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value, json};

use super::classes::{Classes, Moved};
use super::diags::{SecretOfAutoMode, SubnetByName, WrongClass};
use super::spec::SetIngressParams;
use super::targets::Target;
use crate::controllers::alb::annotations;
use crate::controllers::alb::group::AUTO_MODE;
use crate::finding::Finding;
use crate::runtime::{Items, Owned, Owner};
use crate::serving::ingress::{ALB_CLASS, ClassField, Protection, Settings, class_fields};
use crate::values::k8s::ResourceRef;
use krm_package::operation::{add, remove};
use krm_package::{Edit, ItemId};

const GROUP: &str = "eks.amazonaws.com";
const PARAMS: &str = "IngressClassParams";

/// The classes that are generated where `platform` asks for one that the input does not have.
pub(super) const OWNED: Owned =
    Owned::by::<SetIngressParams>(&[("networking.k8s.io", "IngressClass"), (GROUP, PARAMS)]);

/// The group of the controller of EKS Auto Mode, which reads a Secret once a Role says so ("Grant the EKS Auto Mode load
/// balancer controller access to a specific Secret", EKS user guide, 2026-08).
const CONTROLLER_GROUP: &str = "eks:managed";

/// What is written into classes.
#[derive(Default)]
pub(super) struct ClassEdits {
    generated: BTreeMap<String, Fields>,
    patched: BTreeMap<ItemId, (bool, Fields)>,
}

/// Fields of `spec`, each with the Ingress that it was set for.
type Fields = BTreeMap<&'static str, (Value, ResourceRef)>;

impl ClassEdits {
    /// Moves what the class of an Ingress sets there; nothing where EKS Auto Mode does not manage it.
    pub(super) fn of(
        &mut self,
        target: &Target<'_, '_>,
        settings: &Settings,
        is_required: bool,
        classes: &Classes,
        items: &Items<'_>,
        findings: &mut Vec<Finding>,
    ) -> Moved {
        let member = classes.member(target.item.id);
        let known = member.and_then(|member| member.auto_mode);
        if known.is_none() && !is_required {
            return Moved::default();
        }
        let mut moved = Moved::default();
        let class = match known {
            Some(class) => class.metadata.name.clone(),
            None => named(target, &mut moved),
        };
        let by_name = settings.balancer().subnets.iter().find(|subnet| !subnet.is_id());
        findings.extend(by_name.map(|name| SubnetByName(name.as_str()).into()));
        findings.extend(secret(target, settings, items));
        let ingress = &target.item.resource;
        let all = items.of_kind("networking.k8s.io", "IngressClass");
        let found: Vec<_> = all.filter(|item| item.resource.name == class).collect();
        let owner = |item| OWNED.owner(item, items.configuration());
        let is_own = found.iter().all(|item| matches!(owner(item), Owner::Own | Owner::Unclaimed));
        let fields = class_fields(settings);
        if found.is_empty() || is_own {
            if is_required {
                let known = self.generated.entry(class).or_default();
                for field in fields {
                    set(known, &field, field.value.clone(), ingress, findings);
                    moved.suffixes.push(field.suffix);
                }
            }
        } else if let Some(other) = found.iter().find_map(|item| {
            item.text(&["spec", "controller"]).filter(|controller| controller != AUTO_MODE)
        }) {
            findings.push(WrongClass { ingress, class: &class, controller: &other }.into());
        } else {
            let name = found.iter().find_map(|item| item.text(&["spec", "parameters", "name"]));
            let mut params = items.of_kind(GROUP, PARAMS);
            let params = params.find(|item| Some(&item.resource.name) == name.as_ref());
            let value = params.and_then(|item| Some((item.id, item.node.value().ok()?)));
            if let Some((id, value)) = value {
                let spec = value.get("spec").and_then(Value::as_object);
                let has_spec = spec.is_some_and(|spec| !spec.is_empty());
                let (_, known) =
                    self.patched.entry(id).or_insert_with(|| (has_spec, Fields::default()));
                for field in fields {
                    let current = value.get("spec").and_then(|spec| spec.get(field.name));
                    // What somebody else set there stays; the annotation is then reported as overridden.
                    match merged(current.filter(|current| !current.is_null()), &field.value) {
                        None => continue,
                        Some(Some(value)) => set(known, &field, value, ingress, findings),
                        Some(None) => {}
                    }
                    moved.suffixes.push(field.suffix);
                }
            }
        }
        // Of maps the class's pairs are merged into the annotation's.
        let is_map = |suffix: &str| matches!(suffix, "tags" | "load-balancer-attributes");
        for suffix in moved.suffixes.iter().filter(|suffix| !is_map(suffix)) {
            if target.annotation(&annotations::key(suffix)).is_some() {
                let path = ["metadata", "annotations", &annotations::key(suffix)];
                moved.operations.push(remove(&path));
            }
        }
        moved
    }

    /// What makes the classes those that are asked for; a generated one that is no longer wanted is removed.
    pub(super) fn edits(self, items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Edit> {
        let wanted = self.generated.into_iter().flat_map(|(name, fields)| {
            let spec: Map<String, Value> =
                fields.into_iter().map(|(field, (value, _))| (field.to_owned(), value)).collect();
            let class = json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "IngressClass",
                "metadata": { "name": name },
                "spec": {
                    "controller": AUTO_MODE,
                    "parameters": { "apiGroup": GROUP, "kind": PARAMS, "name": name },
                },
            });
            let params = json!({
                "apiVersion": format!("{GROUP}/v1"),
                "kind": PARAMS,
                "metadata": { "name": name },
                "spec": spec,
            });
            [class, params]
        });
        let plan = OWNED.plan(wanted, items);
        findings.extend(plan.findings);
        let mut edits = plan.edits;
        for (item, (has_spec, fields)) in self.patched {
            let fields = fields.into_iter().map(|(name, (value, _))| (name, value));
            let operations: Vec<PatchOperation> = if has_spec {
                fields.map(|(name, value)| add(&["spec", name], value)).collect()
            } else {
                let spec: Map<String, Value> =
                    fields.map(|(name, value)| (name.to_owned(), value)).collect();
                if spec.is_empty() { Vec::new() } else { vec![add(&["spec"], spec)] }
            };
            if !operations.is_empty() {
                edits.push(Edit::Patch { item, operations: Patch(operations) });
            }
        }
        edits
    }
}

/// The class of an Ingress by name: EKS Auto Mode does not read the annotation.
fn named(target: &Target<'_, '_>, moved: &mut Moved) -> String {
    let by_annotation = target.annotation(annotations::CLASS).map(str::to_owned);
    let by_name = target.value.pointer("/spec/ingressClassName").and_then(Value::as_str);
    let name = by_name.map(str::to_owned).or(by_annotation.clone()).unwrap_or(ALB_CLASS.to_owned());
    if by_annotation.is_some() {
        moved.operations.push(remove(&["metadata", "annotations", annotations::CLASS]));
    }
    if by_name.is_none() {
        moved.operations.push(add(&["spec", "ingressClassName"], name.as_str()));
    }
    name
}

/// Sets a field of a class, which several Ingresses may have, for all of them alike.
fn set(
    known: &mut Fields,
    field: &ClassField,
    value: Value,
    ingress: &ResourceRef,
    findings: &mut Vec<Finding>,
) {
    match known.get(field.name) {
        Some((other, first)) if *other != value => {
            findings.push(WrongClass::differs(ingress, first, field.name));
        }
        Some(_) => {}
        None => {
            known.insert(field.name, (value, ingress.clone()));
        }
    }
}

/// The value of a field with what is wanted in it: `None` where it has another, and nothing to write where it has
/// it already.
fn merged(current: Option<&Value>, wanted: &Value) -> Option<Option<Value>> {
    let Some(current) = current else { return Some(Some(wanted.clone())) };
    let pairs = |list: &Value| -> Option<Map<String, Value>> {
        let pair = |pair: &Value| {
            Some((pair.get("key")?.as_str()?.to_owned(), pair.get("value")?.clone()))
        };
        list.as_array()?.iter().map(pair).collect()
    };
    let (Some(known), Some(more)) = (pairs(current), pairs(wanted)) else {
        return (current == wanted).then_some(None);
    };
    if more.iter().any(|(key, value)| known.get(key).is_some_and(|known| known != value)) {
        return None;
    }
    let missing = more.into_iter().filter(|(key, _)| !known.contains_key(key));
    let missing: Vec<Value> =
        missing.map(|(key, value)| json!({ "key": key, "value": value })).collect();
    if missing.is_empty() {
        return Some(None);
    }
    let list = current.as_array().into_iter().flatten().cloned().chain(missing);
    Some(Some(Value::Array(list.collect())))
}

/// The Secret of a provider's client, which the controller of EKS Auto Mode may not read by itself.
fn secret(target: &Target<'_, '_>, settings: &Settings, items: &Items<'_>) -> Option<Finding> {
    let Protection::Oidc(provider) = settings.protection() else { return None };
    let namespace = target.item.resource.namespace.as_deref();
    let mut bindings = items.of_kind("rbac.authorization.k8s.io", "RoleBinding");
    let is_granted = bindings.any(|item| {
        let value = item.node.value().unwrap_or_default();
        let subjects = value.get("subjects").and_then(Value::as_array);
        item.resource.namespace.as_deref().is_none_or(|other| Some(other) == namespace)
            && subjects.into_iter().flatten().any(|subject| {
                subject.get("kind").and_then(Value::as_str) == Some("Group")
                    && subject.get("name").and_then(Value::as_str) == Some(CONTROLLER_GROUP)
            })
    });
    let name = provider.secret_name.as_str();
    (!is_granted).then(|| SecretOfAutoMode { ingress: &target.item.resource, name }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_class_has_stays() {
        let team = json!([{ "key": "team", "value": "models" }]);
        let other = json!([{ "key": "owner", "value": "platform" }]);
        assert_eq!(merged(None, &team), Some(Some(team.clone())));
        assert_eq!(merged(Some(&team), &team), Some(None));
        let both = json!([other[0], team[0]]);
        assert_eq!(merged(Some(&other), &team), Some(Some(both)));
        let theirs = json!([{ "key": "team", "value": "platform" }]);
        assert_eq!(merged(Some(&theirs), &team), None);
        assert_eq!(merged(Some(&json!("internal")), &json!("internet-facing")), None);
        assert_eq!(merged(Some(&json!("internal")), &json!("internal")), Some(None));
    }
}
