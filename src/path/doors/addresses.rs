//! Which pods and Services have an address, as the package has them: `status.podIP` of a Pod and
//! `spec.clusterIPs` of a Service.

use std::collections::HashMap;
use std::net::IpAddr;

use super::reach::{Hit, Reach};
use super::set_index::SetIndex;
use crate::cluster::workload::Pod;
use crate::cluster::{Cluster, Kept};
use crate::controllers::alb::objects::Service;

/// Who has which address.
#[derive(Default)]
pub(crate) struct Addresses<'c> {
    pods: HashMap<IpAddr, Vec<&'c Kept<Pod>>>,
    services: HashMap<IpAddr, Vec<&'c Kept<Service>>>,
}

impl<'c> Addresses<'c> {
    pub(crate) fn of(cluster: &'c Cluster<'_>) -> Self {
        let mut all = Self::default();
        for pod in &cluster.objects.pods {
            for ip in pod.object.status.addresses().filter_map(parsed) {
                all.pods.entry(ip).or_default().push(pod);
            }
        }
        for service in &cluster.objects.services {
            let spec = &service.object.spec;
            let own = std::iter::once(&spec.cluster_ip).chain(&spec.cluster_ips);
            for ip in own.filter_map(|ip| parsed(ip)) {
                all.services.entry(ip).or_default().push(service);
            }
        }
        all
    }

    /// What an address that the package knows leads to; `None` where it knows it not.
    pub(crate) fn hits(&self, reach: &Reach, index: &SetIndex<'_>, ip: &str) -> Option<Vec<Hit>> {
        let ip = parsed(ip)?;
        if let Some(pods) = self.pods.get(&ip) {
            let of_pods = pods.iter().flat_map(|pod| {
                hits_of_pod(reach, index, &pod.resource.namespace, &pod.object.metadata.labels)
            });
            return Some(of_pods.collect());
        }
        let services = self.services.get(&ip)?;
        let hits =
            services.iter().flat_map(|one| reach.hits(&one.resource.namespace, &one.resource.name));
        Some(hits.collect())
    }
}

/// The sets that a pod of a namespace with labels belongs to.
pub(crate) fn hits_of_pod(
    reach: &Reach,
    index: &SetIndex<'_>,
    namespace: &Option<String>,
    labels: &super::selection::Labels,
) -> Vec<Hit> {
    let (own, steps) = index.sets_of_pod(namespace.as_deref(), labels);
    reach.count(steps);
    let near =
        own.into_iter().filter(|(set, _)| reach.may_be_one(&reach.sets[*set].namespace, namespace));
    near.map(|(set, selection)| Hit::of(set, selection)).collect()
}

/// An address, one of version 4 that is written as one of version 6 as the former.
pub(super) fn parsed(ip: &str) -> Option<IpAddr> {
    ip.parse().ok().map(|ip: IpAddr| ip.to_canonical())
}
