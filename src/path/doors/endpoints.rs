//! Services whose addresses are written by hand.
//!
//! kube-proxy and the load balancers take the addresses of every `EndpointSlice` with the label
//! `kubernetes.io/service-name` (`k8s.io/api/discovery/v1/well_known_labels.go`), and those of the
//! Endpoints of a Service's name, which Kubernetes mirrors into slices
//! (`pkg/controller/endpointslicemirroring` of Kubernetes 1.34). An address is a pod's wherever the
//! pod is: nothing binds the two namespaces together.

use std::collections::HashMap;
use std::net::IpAddr;

use super::addresses::{Addresses, hits_of_pod};
use super::reach::{Hit, Key, PodSet, Reach};
use super::selection::Selection;
use super::set_index::SetIndex;
use crate::cluster::endpoints::{SERVICE_NAME_LABEL, TargetRef};
use crate::cluster::workload::Pod;
use crate::cluster::{Cluster, Kept};

/// An address, and the pod that is said to have it.
struct Address<'a> {
    ip: &'a str,
    target: Option<&'a TargetRef>,
}

/// What the addresses of a package lead to.
pub(crate) struct Known<'c, 's> {
    reach: &'s Reach,
    index: SetIndex<'s>,
    addresses: Addresses<'c>,
    /// By name.
    pods: HashMap<&'c str, Vec<&'c Kept<Pod>>>,
}

impl<'c, 's> Known<'c, 's> {
    pub(crate) fn of(cluster: &'c Cluster<'_>, reach: &'s Reach) -> Self {
        let mut pods: HashMap<&str, Vec<&Kept<Pod>>> = HashMap::new();
        for pod in &cluster.objects.pods {
            pods.entry(&pod.resource.name).or_default().push(pod);
        }
        let (index, addresses) = (SetIndex::of(&reach.sets), Addresses::of(cluster));
        Self { reach, index, addresses, pods }
    }

    /// What an address leads to: the pod that it is of, by name or by its status, or the pods of the
    /// Service that it is of. Of any other it is not known; outside the Service's own namespace it
    /// has to be one that pods can have.
    fn hits_of(
        &self,
        (namespace, service): (&Option<String>, &str),
        address: &Address<'_>,
    ) -> Vec<Hit> {
        // A Service's own addresses add no other pods to it.
        if self.reach.hit(namespace, service).is_some_and(|hit| hit.selection == Selection::Same) {
            return Vec::new();
        }
        let Some(named) = address.target.filter(|target| target.kind == "Pod") else {
            return self.hits_of_address(namespace, address.ip);
        };
        let namespace = named.namespace.as_ref().or(namespace.as_ref()).cloned();
        let mut of_name = self.pods.get(named.name.as_str()).into_iter().flatten();
        let known = of_name.find(|one| self.reach.may_be_one(&one.resource.namespace, &namespace));
        match known {
            Some(pod) => {
                let labels = &pod.object.metadata.labels;
                hits_of_pod(self.reach, &self.index, &namespace, labels)
            }
            None => self.undecided(|set| self.reach.may_be_one(&set.namespace, &namespace)),
        }
    }

    /// What an IP address leads to that is written in an object of a namespace.
    pub(crate) fn hits_of_address(&self, namespace: &Option<String>, ip: &str) -> Vec<Hit> {
        if let Some(hits) = self.addresses.hits(self.reach, &self.index, ip) {
            return hits;
        }
        let may_be_a_pod = is_of_pods(ip);
        self.undecided(|set| may_be_a_pod || self.reach.may_be_one(&set.namespace, namespace))
    }

    /// The sets that something may lead to of which nothing else is known.
    fn undecided(&self, is_near: impl Fn(&PodSet) -> bool) -> Vec<Hit> {
        let sets = self.reach.sets.iter().enumerate().filter(|(_, set)| is_near(set));
        sets.map(|(index, _)| Hit::of(index, Selection::Undecided)).collect()
    }
}

/// The Services that have addresses of protected pods, or may have.
pub(crate) fn hits(cluster: &Cluster<'_>, reach: &Reach) -> Vec<(Key, Hit)> {
    let known = Known::of(cluster, reach);
    let mut found = Vec::new();
    let mut add = |namespace: &Option<String>, name: &str, address: &Address<'_>| {
        for hit in known.hits_of((namespace, name), address) {
            found.push(((namespace.clone(), name.to_owned()), hit));
        }
    };
    for slice in &cluster.objects.endpoint_slices {
        let Some(name) = slice.object.metadata.labels.get(SERVICE_NAME_LABEL) else { continue };
        for endpoint in &slice.object.endpoints {
            let target = endpoint.target_ref.as_ref();
            for ip in &endpoint.addresses {
                add(&slice.resource.namespace, name, &Address { ip, target });
            }
        }
    }
    for endpoints in &cluster.objects.endpoints {
        let addresses = endpoints.object.subsets.iter().flat_map(|subset| &subset.addresses);
        for address in addresses {
            let address = Address { ip: &address.ip, target: address.target_ref.as_ref() };
            add(&endpoints.resource.namespace, &endpoints.resource.name, &address);
        }
    }
    // ingress-nginx forwards to an IP address that a Service of type ExternalName has for a name
    // (`getEndpointsFromSlices` in `internal/ingress/controller/endpointslices.go` of kubernetes/ingress-nginx).
    for service in &cluster.objects.services {
        let (spec, resource) = (&service.object.spec, &service.resource);
        if spec.kind == "ExternalName" && spec.external_name.parse::<IpAddr>().is_ok() {
            let address = Address { ip: &spec.external_name, target: None };
            add(&resource.namespace, &resource.name, &address);
        }
    }
    found
}

/// Whether an address may be a pod's: private (RFC 1918), shared (RFC 6598) or of `198.18.0.0/15`, which
/// the VPC CNI plugin of EKS gives them, and every one of version 6.
fn is_of_pods(ip: &str) -> bool {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [first, second, ..] = ip.octets();
            ip.is_private()
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
        }
        Ok(IpAddr::V6(_)) => true,
        Err(_) => false,
    }
}
