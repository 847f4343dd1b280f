//! A route for every host that `pathTemplate` takes its own host from.
//!
//! Envoy picks the virtual host with the most specific name, and no route of another: once a
//! VirtualService has the bare domain, one for `*` answers nothing there (`pilot/pkg/networking/core/
//! gateway.go` of Istio merges by host; `RouteMatcher::findVirtualHost` in
//! `source/common/router/config_impl.cc` of Envoy).

use std::collections::BTreeSet;
use std::ops::Deref;

use super::diags::Shadowed;
use crate::cluster::Cluster;
use crate::controllers::kserve::{Remark, RouteKind, ServingModel, VirtualServiceRemark};
use crate::finding::Finding;

/// The VirtualServices for every host that no longer answer at the domain of path-based URLs, as
/// Kubeflow's dashboard.
pub(crate) fn shadowed<'p>(
    cluster: &impl Deref<Target = Cluster<'p>>,
    model: &ServingModel,
) -> Vec<Finding> {
    let mut domains: BTreeSet<(&str, &str)> = BTreeSet::new();
    for endpoint in &model.endpoints {
        let bare = endpoint.remarks.iter().filter_map(|remark| match remark {
            Remark::VirtualService(VirtualServiceRemark::BareDomain(domain)) => Some(domain),
            _ => None,
        });
        for domain in bare {
            let routes = endpoint.routes.iter();
            let routes = routes.filter(|route| route.kind == RouteKind::VirtualService);
            let gateways = routes.flat_map(|route| &route.gateways);
            domains.extend(gateways.map(|gateway| (gateway.as_str(), domain.as_str())));
        }
    }
    let mut findings = Vec::new();
    // Without one the world is not looked at, and who makes it when it is asked for need not.
    if domains.is_empty() {
        return findings;
    }
    for kept in &cluster.objects.virtual_services {
        let spec = &kept.object.spec;
        if !spec.hosts.iter().any(|host| host == "*") {
            continue;
        }
        let namespace = kept.object.namespace();
        let own = spec.gateways.iter().map(|gateway| match gateway.split_once('/') {
            Some(_) => gateway.clone(),
            None => format!("{namespace}/{gateway}"),
        });
        let own: BTreeSet<String> = own.collect();
        let domains = domains.iter().filter(|(gateway, _)| own.contains(*gateway));
        findings.extend(domains.map(|(gateway, domain)| {
            Finding::from(Shadowed { resource: &kept.resource, domain, gateway })
        }));
    }
    findings
}
