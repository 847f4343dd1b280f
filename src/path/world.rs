//! The package with everything that the controllers make of it, built once.

use crate::cluster::{Cluster, KserveWorld};
use crate::controllers::alb::Objects;
use crate::controllers::kserve::{ServingItems, ServingModel, ServingOptions};
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::certificate::{AckCertificate, KnownNames};
use crate::serving::dns::Claims;
use crate::serving::ingress;
use crate::serving::model::serving_items;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::ResourceRef;

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
    /// The names of the certificates that the package requests; `None` where it requests none.
    pub(crate) certificate_names: Option<KnownNames>,
    /// The same, each certificate by itself.
    pub(crate) certificates: Vec<CertificateNames>,
}

/// The names of a certificate that the package requests.
pub(crate) struct CertificateNames {
    /// The `Certificate`.
    pub resource: ResourceRef,
    /// Each with its field.
    pub names: Vec<(WildcardName, &'static str)>,
}

impl<'p> World<'p> {
    /// The mesh alone, with nothing that `KServe` serves and no load balancer: enough for what a gateway
    /// answers itself.
    pub(crate) fn of_mesh(cluster: &Cluster<'p>) -> Self {
        let model = ServingModel::build(&ServingItems::default(), &ServingOptions::default());
        Self {
            cluster: cluster.clone(),
            model,
            kserve: KserveWorld::default(),
            ingresses: Objects::default(),
            claims: Claims::default(),
            certificate_names: None,
            certificates: Vec::new(),
        }
    }

    /// Builds it, and says which objects are not what their kind says.
    #[must_use]
    pub fn of(items: &Items<'p>) -> (Self, Vec<Finding>) {
        let (cluster, findings) = Cluster::of(items);
        let model = ServingModel::built_of(serving_items(items), &ServingOptions::default());
        let kserve = KserveWorld::of(&cluster, &model);
        let mut ingresses = ingress::objects(&cluster);
        ingresses.ingresses.extend(kserve.ingresses.iter().map(|kept| kept.object.clone()));
        let claims = Claims::of_all(items, hosted_zone(items).as_ref());
        let certificates = certificates(items);
        let names = certificates.iter().flat_map(|one| &one.names).map(|(name, _)| name.clone());
        let certificate_names = (!certificates.is_empty()).then(|| names.collect());
        let world =
            Self { cluster, model, kserve, ingresses, claims, certificate_names, certificates };
        (world, findings)
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

fn certificates(items: &Items<'_>) -> Vec<CertificateNames> {
    let all = items.of_kind("acm.services.k8s.aws", "Certificate").map(|item| {
        let first = item.text(&["spec", "domainName"]);
        let names = AckCertificate::of(item.node).names.into_iter().filter_map(|name| {
            let is_first = first.as_ref() == Some(&name);
            let field = if is_first { "spec.domainName" } else { "spec.subjectAlternativeNames" };
            Some((name.to_ascii_lowercase().parse().ok()?, field))
        });
        CertificateNames { resource: item.resource.clone(), names: names.collect() }
    });
    all.collect()
}
