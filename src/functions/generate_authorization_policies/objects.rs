//! The objects of the mesh that are there already.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::diags::GenericLabels;
use crate::controllers::istio::{AuthorizationPolicy, PeerAuthentication, RequestAuthentication};
use crate::finding::{Code, Finding, Severity};
use crate::runtime::{Items, Misread, Owned};
use crate::serving::authorization::{Policies, ServingWorkload};
use crate::values::k8s::{ObjectMeta, empty_if_null};
use krm_package::read_value;

/// The AuthorizationPolicies that others wrote.
pub(super) fn policies(
    items: &Items<'_>,
    owned: &Owned,
    findings: &mut Vec<Finding>,
) -> Vec<AuthorizationPolicy> {
    let theirs = items
        .of_kind("security.istio.io", "AuthorizationPolicy")
        .filter(|item| !owned.has(item, items.configuration()))
        .map(|item| item.read());
    readable(theirs, findings)
}

/// The PeerAuthentications.
pub(super) fn peer_authentications(
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<PeerAuthentication> {
    let all = items.of_kind("security.istio.io", "PeerAuthentication").map(|item| item.read());
    readable(all, findings)
}

/// The RequestAuthentications that others wrote.
pub(super) fn request_authentications(
    items: &Items<'_>,
    owned: &Owned,
    findings: &mut Vec<Finding>,
) -> Vec<RequestAuthentication> {
    let theirs = items
        .of_kind("security.istio.io", "RequestAuthentication")
        .filter(|item| !owned.has(item, items.configuration()))
        .map(|item| item.read());
    readable(theirs, findings)
}

/// Adds objects of a release that are not there under their names.
pub(super) fn add_absent<T: DeserializeOwned>(
    known: &mut Vec<T>,
    of_release: &[Value],
    metadata: impl Fn(&T) -> &ObjectMeta,
) {
    let name = |one: &T| (metadata(one).namespace.clone(), metadata(one).name.clone());
    let names: BTreeSet<_> = known.iter().map(&name).collect();
    // They are constants, which a test reads.
    let absent = of_release.iter().filter_map(|one| T::deserialize(one).ok());
    known.extend(absent.filter(|one| !names.contains(&name(one))));
}

/// Those that can be read; of the others, which are not the function's to refuse, a warning.
fn readable<T>(
    objects: impl Iterator<Item = Result<T, Misread>>,
    findings: &mut Vec<Finding>,
) -> Vec<T> {
    let read = |object: Result<T, Misread>| match object {
        Ok(object) => Some(object),
        Err(misread) => {
            findings.push(Finding {
                code: Code::AuthorizationPolicyUnreadable,
                severity: Severity::Warning,
                ..misread.into()
            });
            None
        }
    };
    objects.filter_map(read).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodOwner {
    #[serde(deserialize_with = "empty_if_null")]
    spec: PodOwnerSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodOwnerSpec {
    #[serde(deserialize_with = "empty_if_null")]
    template: PodTemplate,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodTemplate {
    #[serde(deserialize_with = "empty_if_null")]
    metadata: ObjectMeta,
}

const SERVICE: &str = "serving.kserve.io/inferenceservice";

/// The policies that are generated, by their namespace and the service whose pods they select.
fn by_service(
    policies: &Policies,
    workloads: &[ServingWorkload],
) -> BTreeMap<(String, Option<String>), Vec<AuthorizationPolicy>> {
    let mut by_service: BTreeMap<_, Vec<AuthorizationPolicy>> = BTreeMap::new();
    // One that cannot be read is refused before.
    for policy in policies.of(workloads).filter_map(|policy| read_value(&policy).ok()) {
        let policy: AuthorizationPolicy = policy;
        let labels = policy.spec.selector.as_ref().map(|selector| &selector.match_labels);
        let service = labels.and_then(|labels| labels.get(SERVICE)).cloned();
        by_service.entry((policy.namespace().to_owned(), service)).or_default().push(policy);
    }
    by_service
}

/// Workloads that are no component, whose pods a policy selects for their labels.
pub(super) fn others_with_labels(
    items: &Items<'_>,
    policies: &Policies,
    workloads: &[ServingWorkload],
) -> Vec<Finding> {
    let root_namespace = policies.root_namespace.as_str();
    // Most packages have no other with such a label, and nobody to read all policies for.
    let by_service = LazyCell::new(|| by_service(policies, workloads));
    let mut findings = Vec::new();
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        for item in items.of_kind("apps", kind) {
            // One that cannot be read is for others to refuse.
            let Ok(owner) = item.read::<PodOwner>() else { continue };
            let labels = &owner.spec.template.metadata.labels;
            if !labels.contains_key("component") {
                continue;
            }
            let namespace = item.resource.namespace.as_deref().unwrap_or("default");
            let places =
                [Some(root_namespace), Some(namespace).filter(|one| *one != root_namespace)];
            let service = labels.get(SERVICE).cloned();
            let selecting = places
                .into_iter()
                .flatten()
                .flat_map(|place| [(place.to_owned(), None), (place.to_owned(), service.clone())])
                .filter_map(|place| by_service.get(&place))
                .flatten()
                .find(|policy| {
                    let selector = policy.spec.selector.as_ref();
                    selector.is_some_and(|one| {
                        one.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
                    })
                });
            if let Some(policy) = selecting {
                findings.push(Finding::from(GenericLabels(policy)).on(&item.resource));
            }
        }
    }
    findings
}
