//! Hosts of Istio's `ServiceEntries` that lead to protected pods.
//!
//! One with a `workloadSelector` leads to the pods of its own namespace that have the labels
//! (`pilot/pkg/serviceregistry/serviceentry/controller.go` of istio/istio 1.31) and to the addresses of the
//! `WorkloadEntries` that have them, one with endpoints to their addresses, be they IP addresses or DNS names.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::endpoints::Known;
use super::reach::{Hit, Reach, service_of_dns_name};
use super::selection::{Labels, is_within, selection};
use crate::cluster::Cluster;

/// What each host leads to; those that lead to no protected pods are left out.
#[derive(Default)]
pub(crate) struct ServiceEntries {
    by_host: BTreeMap<String, Vec<Hit>>,
}

impl ServiceEntries {
    pub(crate) fn of(cluster: &Cluster<'_>, reach: &Reach) -> Self {
        let mut by_host: BTreeMap<String, Vec<Hit>> = BTreeMap::new();
        let known = Known::of(cluster, reach);
        let workloads = WorkloadEntries::of(cluster);
        for entry in &cluster.objects.service_entries {
            let namespace = &entry.resource.namespace;
            let spec = &entry.object.spec;
            let mut hits = Vec::new();
            if let Some(selector) = &spec.workload_selector {
                for address in workloads.selected(namespace, &selector.labels) {
                    hits.extend(hits_of(&known, reach, namespace, address));
                }
                let sets = reach.sets.iter().enumerate();
                let near = sets.filter(|(_, set)| reach.may_be_one(&set.namespace, namespace));
                hits.extend(near.filter_map(|(index, set)| {
                    Some(Hit::of(index, selection(&selector.labels, &set.labels)?))
                }));
            }
            for endpoint in &spec.endpoints {
                hits.extend(hits_of(&known, reach, namespace, &endpoint.address));
            }
            if !hits.is_empty() {
                for host in &spec.hosts {
                    by_host.entry(host.to_ascii_lowercase()).or_default().extend(&hits);
                }
            }
        }
        Self { by_host }
    }

    /// What a host leads to.
    pub(crate) fn hits(&self, host: &str) -> &[Hit] {
        let host = host.to_ascii_lowercase();
        self.by_host.get(&host).map_or(&[], Vec::as_slice)
    }
}

/// What an address in an object of a namespace leads to.
fn hits_of(
    known: &Known<'_, '_>,
    reach: &Reach,
    namespace: &Option<String>,
    address: &str,
) -> Vec<Hit> {
    // `NAME.NAMESPACE`, which the search list of a pod's resolver completes.
    let short = address.split_once('.').filter(|(_, of)| !of.contains('.'));
    match service_of_dns_name(address).or(short) {
        Some((name, of)) => reach.hits(&Some(of.to_owned()), name).collect(),
        None => known.hits_of_address(namespace, address),
    }
}

/// The addresses of `WorkloadEntries`, by namespace and each of their labels.
struct WorkloadEntries {
    all: Vec<(Labels, String)>,
    by_label: HashMap<(Option<String>, String, String), Vec<usize>>,
}

impl WorkloadEntries {
    fn of(cluster: &Cluster<'_>) -> Self {
        let mut entries = Self { all: Vec::new(), by_label: HashMap::new() };
        let others = cluster.objects.others.iter();
        for kept in others.filter(|kept| kept.resource.kind == "WorkloadEntry") {
            let Ok(value) = kept.object.value() else { continue };
            let Some(address) = value.pointer("/spec/address").and_then(Value::as_str) else {
                continue;
            };
            let labels = ["/spec/labels", "/metadata/labels"].into_iter();
            let labels = labels.filter_map(|place| value.pointer(place)?.as_object()).flatten();
            let labels: Labels = labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect();
            for (key, value) in &labels {
                let key = (kept.resource.namespace.clone(), key.clone(), value.clone());
                entries.by_label.entry(key).or_default().push(entries.all.len());
            }
            entries.all.push((labels, address.to_owned()));
        }
        entries
    }

    /// The addresses of those that a selector selects.
    fn selected(&self, namespace: &Option<String>, selector: &Labels) -> Vec<&str> {
        let Some((key, value)) = selector.first_key_value() else { return Vec::new() };
        let key = (namespace.clone(), key.clone(), value.clone());
        let near = self.by_label.get(&key).into_iter().flatten().map(|place| &self.all[*place]);
        near.filter(|(labels, _)| is_within(selector, labels)).map(|(_, ip)| ip.as_str()).collect()
    }
}
