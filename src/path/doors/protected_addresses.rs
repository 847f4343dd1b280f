//! What the addresses in a text lead to: those of protected pods and of their Services, what is written by hand
//! for one, and the ports that a Service opens on every node.

use std::collections::HashMap;
use std::net::IpAddr;

use super::addresses::{hits_of_pod, parsed};
use super::reach::{Hit, Reach};
use super::selection::Selection;
use super::set_index::SetIndex;
use crate::cluster::Cluster;
use crate::cluster::endpoints::SERVICE_NAME_LABEL;

/// The protected workloads of one kind by name, each with its namespace.
type ByName = HashMap<String, Vec<(Option<String>, Hit)>>;

/// The addresses that lead to protected pods, and the ports of every node that do.
#[derive(Default)]
pub(crate) struct ProtectedAddresses {
    by_ip: HashMap<IpAddr, Hit>,
    by_node_port: HashMap<u16, Hit>,
    /// The workloads and pods by kind, then by name.
    by_workload: HashMap<String, ByName>,
}

impl ProtectedAddresses {
    pub(crate) fn of(cluster: &Cluster<'_>, reach: &Reach) -> Self {
        let index = SetIndex::of(&reach.sets);
        let mut all = Self::default();
        for pod in &cluster.objects.pods {
            let labels = &pod.object.metadata.labels;
            let mut addresses = pod.object.status.addresses().peekable();
            if addresses.peek().is_some() {
                let hits = hits_of_pod(reach, &index, &pod.resource.namespace, labels);
                let hit = hits.into_iter().find(|hit| hit.selection == Selection::Same);
                all.add(addresses, hit);
            }
        }
        for pods in cluster.pod_templates() {
            let (kind, name) = (pods.resource.kind.clone(), pods.resource.name.clone());
            let hits = hits_of_pod(reach, &index, &pods.resource.namespace, pods.labels);
            if let Some(hit) = hits.into_iter().find(|hit| hit.selection == Selection::Same) {
                let of_name = all.by_workload.entry(kind).or_default().entry(name).or_default();
                of_name.push((pods.resource.namespace.clone(), hit));
            }
        }
        for service in &cluster.objects.services {
            let spec = &service.object.spec;
            let hit = shown(reach, &service.resource.namespace, &service.resource.name);
            let own = std::iter::once(&spec.cluster_ip).chain(&spec.cluster_ips);
            let of_outside = spec.external_ips.iter().chain(&spec.load_balancer_ip);
            let given = &service.object.status.load_balancer.ingress;
            let given = given.iter().map(|one| one.ip.as_str());
            all.add(own.chain(of_outside).map(String::as_str).chain(given), hit);
            let has_node_ports = matches!(spec.kind.as_str(), "NodePort" | "LoadBalancer");
            for port in spec.ports.iter().filter(|_| has_node_ports) {
                if let (Some(hit), Ok(number @ 1..)) = (hit, u16::try_from(port.node_port)) {
                    all.by_node_port.entry(number).or_insert(hit);
                }
            }
        }
        for slice in &cluster.objects.endpoint_slices {
            let Some(name) = slice.object.metadata.labels.get(SERVICE_NAME_LABEL) else { continue };
            let addresses = slice.object.endpoints.iter().flat_map(|one| &one.addresses);
            let hit = shown(reach, &slice.resource.namespace, name);
            all.add(addresses.map(String::as_str), hit);
        }
        for endpoints in &cluster.objects.endpoints {
            let addresses = endpoints.object.subsets.iter().flat_map(|subset| &subset.addresses);
            let hit = shown(reach, &endpoints.resource.namespace, &endpoints.resource.name);
            all.add(addresses.map(|one| one.ip.as_str()), hit);
        }
        all
    }

    fn add<'a>(&mut self, addresses: impl Iterator<Item = &'a str>, hit: Option<Hit>) {
        if let Some(hit) = hit {
            for ip in addresses.filter_map(parsed) {
                self.by_ip.entry(ip).or_insert(hit);
            }
        }
    }

    /// What the addresses in a text lead to: `10.0.0.7:8080`, `http://[fd00::7]/`, `10.0.0.7/32`, several of them.
    pub(crate) fn hit_of_text(&self, text: &str) -> Option<Hit> {
        if self.by_ip.is_empty() && self.by_node_port.is_empty() {
            return None;
        }
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !".:-_[]".contains(c));
        words.filter(|word| word.len() > 1).find_map(|word| self.hit_of_word(word))
    }

    fn hit_of_word(&self, word: &str) -> Option<Hit> {
        // A sentence may end behind it, and a list have it before a colon.
        let word = word.trim_end_matches('.');
        let word = word.strip_suffix(':').unwrap_or(word);
        let of_ip = |ip: &str| parsed(ip).and_then(|ip| self.by_ip.get(&ip)).copied();
        if let Some(hit) = of_ip(word.trim_matches(['[', ']'])) {
            return Some(hit);
        }
        // `10-0-0-7.NAMESPACE.pod`, by which the cluster's DNS knows every pod.
        let (first, rest) = word.split_once('.').unwrap_or((word, ""));
        if rest.split(['.', ':']).nth(1) == Some("pod") {
            let of_pod =
                of_ip(&first.replace('-', ".")).or_else(|| of_ip(&first.replace('-', ":")));
            if of_pod.is_some() {
                return of_pod;
            }
        }
        let (host, port) = word.rsplit_once(':')?;
        let of_port = || port.parse().ok().and_then(|port| self.hit_of_port(port));
        of_ip(host.trim_matches(['[', ']'])).or_else(of_port)
    }

    /// What a workload or a pod of a name is.
    pub(crate) fn hit_of_workload(
        &self,
        reach: &Reach,
        kind: &str,
        (namespace, name): (&Option<String>, &str),
    ) -> Option<Hit> {
        let of_name = self.by_workload.get(kind)?.get(name)?;
        let near = of_name.iter().find(|(own, _)| reach.may_be_one(own, namespace));
        near.map(|(_, hit)| *hit)
    }

    /// What a port of every node leads to.
    pub(crate) fn hit_of_port(&self, port: u16) -> Option<Hit> {
        self.by_node_port.get(&port).copied()
    }
}

/// What a Service shows to lead to.
fn shown(reach: &Reach, namespace: &Option<String>, name: &str) -> Option<Hit> {
    reach.hit(namespace, name).filter(|hit| hit.selection == Selection::Same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_addresses_in_texts() {
        let mut all = ProtectedAddresses::default();
        let hit = Some(Hit::of(0, Selection::Same));
        all.add(["10.0.0.7", "fd00::7"].into_iter(), hit);
        all.by_node_port.insert(30080, Hit::of(0, Selection::Same));
        for text in [
            "10.0.0.7",
            "10.0.0.7:8080",
            "http://10.0.0.7:8080/v1",
            "10.0.0.7/32",
            "10.0.0.1, 10.0.0.7",
            "server 10.0.0.7:80;",
            "::ffff:10.0.0.7",
            "10.0.0.7: 1",
            "use 10.0.0.7.",
            "10-0-0-7.a.pod.cluster.local:80",
            "http://fd00--7.a.pod/",
            "fd00::7",
            "FD00:0:0::7",
            "http://[fd00::7]:80/",
            "i-0123456789:30080",
            "https://node-1.example.com:30080/",
        ] {
            assert!(all.hit_of_text(text).is_some(), "{text}");
        }
        for text in
            ["10.0.0.70", "110.0.0.7", "10.0.0.7.example.com", "30080", "a:300801", "fd00::71", ""]
        {
            assert!(all.hit_of_text(text).is_none(), "{text}");
        }
    }
}
