//! The package with everything that the controllers make of it, built once.

use crate::cluster::{Cluster, KserveWorld};
use crate::controllers::alb::Objects;
use crate::controllers::kserve::{ServingModel, ServingOptions};
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::certificate::{AckCertificate, KnownNames};
use crate::serving::dns::Claims;
use crate::serving::ingress;
use crate::serving::model::serving_items;
use crate::values::dns_name::{DnsName, WildcardName};

/// The package with everything that the controllers make of it.
pub struct World<'p> {
    /// The objects.
    pub cluster: Cluster<'p>,
    /// What `KServe` and Knative reconcile its services to.
    pub model: ServingModel,
    /// The objects that `KServe` creates of that.
    pub kserve: KserveWorld,
    /// What the load balancer's controller reads, with the Ingresses that `KServe` creates behind
    /// those of the package.
    pub ingresses: Objects,
    /// The names that Ingresses and records claim, and where each leads.
    pub(crate) claims: Claims,
    /// The names of the certificates that the package asks for; `None` where it asks for none.
    pub(crate) certificate_names: Option<KnownNames>,
}

impl<'p> World<'p> {
    /// Builds it, and says which objects are not what their kind says.
    #[must_use]
    pub fn of(items: &Items<'p>) -> (Self, Vec<Finding>) {
        let (cluster, findings) = Cluster::of(items);
        let model = ServingModel::build(&serving_items(items), &ServingOptions::default());
        let kserve = KserveWorld::of(&cluster, &model);
        let mut ingresses = ingress::objects(&cluster);
        ingresses.ingresses.extend(kserve.ingresses.iter().map(|kept| kept.object.clone()));
        let claims = Claims::of_all(items, hosted_zone(items).as_ref());
        let certificate_names = certificate_names(items);
        (Self { cluster, model, kserve, ingresses, claims, certificate_names }, findings)
    }
}

/// The zone of a `HostedZone`, where there is one alone: relative names of records are in it.
fn hosted_zone(items: &Items<'_>) -> Option<DnsName> {
    let mut zones = items.of_kind("route53.services.k8s.aws", "HostedZone");
    let name = zones.next()?.text(&["spec", "name"])?;
    if zones.next().is_some() {
        return None;
    }
    name.trim_end_matches('.').to_ascii_lowercase().parse().ok()
}

fn certificate_names(items: &Items<'_>) -> Option<KnownNames> {
    let mut certificates = items.of_kind("acm.services.k8s.aws", "Certificate").peekable();
    certificates.peek()?;
    let names = certificates.flat_map(|item| AckCertificate::of(item.node).names);
    Some(names.filter_map(|name| name.to_ascii_lowercase().parse::<WildcardName>().ok()).collect())
}
