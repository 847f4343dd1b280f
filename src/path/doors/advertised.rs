//! Addresses inside the cluster that a network plugin advertises to routers outside it.
//!
//! A Service's cluster IP is reached from inside the cluster alone, unless the nodes give their BGP peers a route to
//! it: `serviceClusterIPs` of Calico's `BGPConfiguration` (`getAllRoutesForService` in
//! `confd/pkg/backends/calico/routes.go` of projectcalico/calico 3.32, which reads the one called `default`; it skips
//! Services without an address and those of type `ExternalName`), and what Cilium's `CiliumBGPAdvertisement` and
//! `CiliumBGPPeeringPolicy` select (`pkg/bgpv1/manager/reconcilerv2/service.go` of cilium/cilium 1.17: a selector that is
//! not given selects nothing). kube-router's annotation of a Service is among what leads to one (`services`). Who
//! the peers are, the objects do not say. `serviceExternalIPs` and `serviceLoadBalancerIPs` advertise addresses whose
//! Services are doors already.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use crate::cluster::Kept;
use crate::controllers::alb::class::LabelSelector;
use crate::controllers::alb::objects::Service;

const CLUSTER_IP: &str = "ClusterIP";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::AdvertisedAddress) {
        return;
    }
    for kept in &context.cluster.objects.others {
        let resource = &kept.resource;
        let group = resource.group();
        let read = match resource.kind.as_str() {
            "BGPConfiguration" if group.ends_with("projectcalico.org") => of_calico,
            "CiliumBGPAdvertisement" if group == "cilium.io" => of_cilium,
            "CiliumBGPPeeringPolicy" if group == "cilium.io" => of_policy_of_cilium,
            _ => continue,
        };
        let Ok(value) = kept.object.value() else { continue };
        for (field, selector) in read(&resource.name, &value["spec"]) {
            doors.extend(door(context, &selector).map(|(to, verdict)| Door {
                kind: DoorKind::AdvertisedAddress,
                resource: resource.clone(),
                created: None,
                field,
                to,
                verdict,
            }));
        }
    }
}

/// Which Services are advertised, and the field that says so.
type Advertised = (String, LabelSelector);

fn of_calico(name: &str, spec: &Value) -> Vec<Advertised> {
    let blocks = spec["serviceClusterIPs"].as_array();
    let is_on = name == "default" && blocks.is_some_and(|all| !all.is_empty());
    let all = is_on.then(|| ("spec.serviceClusterIPs".to_owned(), LabelSelector::default()));
    all.into_iter().collect()
}

fn of_cilium(_: &str, spec: &Value) -> Vec<Advertised> {
    let all = spec["advertisements"].as_array().into_iter().flatten().enumerate();
    let of_services = all.filter(|(_, one)| {
        one["advertisementType"] == "Service" && has_cluster_ip(&one["service"]["addresses"])
    });
    let selected = of_services.filter_map(|(place, one)| {
        let field = format!("spec.advertisements[{place}].service.addresses");
        Some((field, selector(&one["selector"])?))
    });
    selected.collect()
}

fn of_policy_of_cilium(_: &str, spec: &Value) -> Vec<Advertised> {
    let all = spec["virtualRouters"].as_array().into_iter().flatten().enumerate();
    let of_services = all.filter(|(_, one)| has_cluster_ip(&one["serviceAdvertisements"]));
    let selected = of_services.filter_map(|(place, one)| {
        let field = format!("spec.virtualRouters[{place}].serviceAdvertisements");
        Some((field, selector(&one["serviceSelector"])?))
    });
    selected.collect()
}

fn has_cluster_ip(addresses: &Value) -> bool {
    addresses.as_array().is_some_and(|all| all.iter().any(|one| one == CLUSTER_IP))
}

fn selector(value: &Value) -> Option<LabelSelector> {
    LabelSelector::deserialize(value).ok().filter(|_| value.is_object())
}

/// The protected pods behind the Services that are advertised; those that no policy of their own guards before the
/// others.
fn door(context: &DoorContext<'_, '_>, selector: &LabelSelector) -> Option<(String, Verdict)> {
    let services = context.cluster.objects.services.iter();
    let advertised = services.filter(|kept| {
        let spec = &kept.object.spec;
        let has_address = !spec.is_headless() && spec.kind != "ExternalName";
        has_address && selector.matches(&labels(kept))
    });
    let hits = advertised.filter_map(|kept| {
        let hit = context.reach.hit(&kept.resource.namespace, &kept.resource.name)?;
        Some((kept, hit))
    });
    let (kept, hit) = hits.max_by_key(|(_, hit)| context.policies[hit.set].is_none())?;
    let verdict = context.not_judged(hit.set, format!(
                "the BGP peers of the nodes, which get a route to the cluster IP of {}; leave the Service out of what is advertised",
                kept.resource
            ));
    Some((context.name_of(hit), verdict))
}

/// A Service's labels, and those that Cilium adds.
fn labels(kept: &Kept<Service>) -> BTreeMap<String, String> {
    let mut labels = kept.object.metadata.labels.clone();
    let namespace = kept.resource.namespace.as_deref().unwrap_or("default");
    let own = [("name", kept.resource.name.as_str()), ("namespace", namespace)];
    labels
        .extend(own.map(|(key, value)| (format!("io.kubernetes.service.{key}"), value.to_owned())));
    labels
}
