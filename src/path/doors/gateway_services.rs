//! The Services in front of the pods of an Istio Gateway.

use super::reach::Reach;
use super::selection::{self, PodLabels, Selection};
use super::templates::Templates;
use crate::cluster::Cluster;

/// The Services, by namespace and name, that select the pods of a Gateway, `NAMESPACE/NAME`; none
/// where the Gateway is not in the input. Its selector selects pods of every namespace
/// (`mergeGateways` in `pilot/pkg/model/push_context.go` of istio/istio).
#[must_use]
pub(crate) fn services_of_gateway(
    cluster: &Cluster<'_>,
    gateway: &str,
) -> Vec<(Option<String>, String)> {
    let gateways = cluster.objects.istio_gateways.iter();
    let Some(gateway) = gateways.map(|kept| &kept.object).find(|one| one.full_name() == gateway)
    else {
        return Vec::new();
    };
    let selector = &gateway.spec.selector;
    let known = Templates::of(cluster).selected(&None, selector, &Reach::default());
    let labels = if known.is_empty() {
        PodLabels::Selected(selector.clone())
    } else {
        PodLabels::Known(known)
    };
    let services = cluster.objects.services.iter();
    let own = services.filter(|kept| {
        selection::selection(&kept.object.spec.selector, &labels) == Some(Selection::Same)
    });
    own.map(|kept| (kept.resource.namespace.clone(), kept.resource.name.clone())).collect()
}
