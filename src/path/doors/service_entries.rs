//! Hosts of Istio's `ServiceEntries` that lead to protected pods.
//!
//! One with a `workloadSelector` leads to the pods of its own namespace that have the labels
//! (`pilot/pkg/serviceregistry/serviceentry/controller.go` of istio/istio 1.31), one with endpoints to
//! their addresses, be they IP addresses or DNS names.

use std::collections::BTreeMap;

use super::endpoints::Known;
use super::reach::{Hit, Reach, service_of_dns_name};
use super::selection::selection;
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
        for entry in &cluster.objects.service_entries {
            let namespace = &entry.resource.namespace;
            let spec = &entry.object.spec;
            let mut hits = Vec::new();
            if let Some(selector) = &spec.workload_selector {
                let sets = reach.sets.iter().enumerate();
                let near = sets.filter(|(_, set)| reach.may_be_one(&set.namespace, namespace));
                hits.extend(near.filter_map(|(index, set)| {
                    Some(Hit::of(index, selection(&selector.labels, &set.labels)?))
                }));
            }
            for endpoint in &spec.endpoints {
                match service_of_dns_name(&endpoint.address) {
                    Some((name, of)) => hits.extend(reach.hits(&Some(of.to_owned()), name)),
                    None => {
                        hits.extend(known.hits_of_address(namespace, &endpoint.address));
                    }
                }
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
