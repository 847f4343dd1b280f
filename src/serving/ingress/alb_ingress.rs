//! An Ingress of the load balancer, as far as its hosts and its region go.

use super::RecordTarget;
use super::objects::objects;
use crate::cluster::Cluster;
use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::group::{classify, group_id};
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{GroupId, Options};
use crate::runtime::{Item, Items};
use crate::values::arn::{Arn, CertificateArn, Region};
use crate::values::elb_name::ElbName;

/// An Ingress that the controller manages, with its load balancer.
pub(crate) struct AlbIngress {
    /// The Ingress.
    pub ingress: Ingress,
    group: GroupId,
    /// `ipAddressType` of its class's parameters, which goes before the annotation.
    address_type: Option<String>,
}

impl AlbIngress {
    /// The Ingresses that the controller manages, with their items in order. One that cannot be read
    /// is left to the functions that set it.
    #[must_use]
    pub(crate) fn all<'i, 'p>(items: &'i Items<'p>) -> Vec<(&'i Item<'p>, Self)> {
        // What `KServe` serves is nothing that the controller reads.
        let is_read = |item: &Item<'_>| item.resource.group() != "serving.kserve.io";
        let (cluster, _) = Cluster::of_those(items, is_read);
        let options = Options::default();
        let objects = objects(&cluster);
        let ids = cluster.objects.ingresses.iter().map(|kept| kept.id);
        let mut items = items.iter();
        ids.zip(&objects.ingresses)
            .filter_map(|(id, ingress)| {
                let member = classify(ingress, &objects, &options).ok()?;
                let group = group_id(&member).unwrap_or_else(|_| GroupId::Single(ingress.key()));
                let params = member.params.map(|params| &params.spec);
                let address_type = params.and_then(|params| params.ip_address_type.clone());
                let item = items.find(|item| Some(item.id) == id)?;
                Some((item, Self { ingress: ingress.clone(), group, address_type }))
            })
            .collect()
    }

    fn annotations(&self) -> Annotations<'_> {
        Annotations::of(&self.ingress.metadata.annotations)
    }

    /// Whether its load balancer has IPv6 addresses, by `ip-address-type` or by its class.
    #[must_use]
    pub(crate) fn is_dual_stack(&self) -> bool {
        let stated = self.address_type.as_deref();
        stated
            .or_else(|| self.annotations().text("ip-address-type"))
            .is_some_and(|stated| stated.starts_with("dualstack"))
    }

    /// Its load balancer, as a record leads to it: Ingresses of one group share theirs.
    #[must_use]
    pub(crate) fn record_target(&self) -> RecordTarget {
        RecordTarget::LoadBalancer(self.group.clone())
    }

    /// The hosts of its rules and of its TLS blocks, as they are written.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.ingress.hosts()
    }

    /// Whether a rule or the default backend answers for every host, or for those of a condition.
    #[must_use]
    pub(crate) fn serves_any_host(&self) -> bool {
        let spec = &self.ingress.spec;
        let annotations = &self.ingress.metadata.annotations;
        spec.default_backend.is_some()
            || spec.rules.iter().any(|rule| rule.host.is_empty())
            || annotations.values().any(|text| text.contains("host-header"))
    }

    /// The name of its load balancer, where its status has it.
    #[must_use]
    pub(crate) fn load_balancer(&self) -> Option<ElbName> {
        let addresses = &self.ingress.status.load_balancer.ingress;
        addresses.iter().find_map(|address| address.hostname.parse().ok())
    }

    /// The certificates of its listeners, as far as they can be read.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = CertificateArn> {
        let arns = self.annotations().list("certificate-arn").unwrap_or_default();
        arns.into_iter().filter_map(|arn| arn.parse().ok())
    }

    /// The regions in which its load balancer must be, each with what says so.
    #[must_use]
    pub(crate) fn regions(&self) -> Vec<(Region, &'static str)> {
        let mut found = Vec::new();
        if let Some(name) = self.load_balancer() {
            found.push((name.region().clone(), "the status"));
        }
        for arn in self.certificates() {
            found.extend(arn.region().map(|region| (region.clone(), "certificate-arn")));
        }
        let acl = self.annotations().text("wafv2-acl-arn").and_then(|arn| arn.parse::<Arn>().ok());
        let region = acl.and_then(|arn| arn.region().parse().ok());
        found.extend(region.map(|region| (region, "wafv2-acl-arn")));
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::ingress::gateway::{self, GATEWAY_SERVICE};
    use krm_package::Package;

    const CLASSES: &str = "\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public, annotations: {ingressclass.kubernetes.io/is-default-class: \"DEFAULT\"}}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: other}
spec: {controller: k8s.io/ingress-nginx}
";

    /// Whether the functions that look for load balancers see an Ingress with this class.
    #[track_caller]
    fn is_managed(by_annotation: Option<&str>, by_field: Option<&str>, classes: &str) -> bool {
        let annotation = by_annotation
            .map(|class| format!(", annotations: {{kubernetes.io/ingress.class: {class}}}"));
        let field = by_field.map(|class| format!("ingressClassName: {class}, "));
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a{}}}\n\
             spec: {{{}rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: \
             {{service: {{name: {GATEWAY_SERVICE}, port: {{number: 80}}}}}}}}]}}}}]}}\n---\n{classes}",
            annotation.unwrap_or_default(),
            field.unwrap_or_default(),
        );
        let package = Package::stream(&text).unwrap();
        let items = Items::of(&package).unwrap();
        let (cluster, findings) = Cluster::of(&items);
        assert_eq!(findings, []);
        let objects = objects(&cluster);
        let options = Options::default();
        let of_gateway = gateway::ingresses(&objects, &options, GATEWAY_SERVICE).count();
        assert_eq!(of_gateway, AlbIngress::all(&items).len());
        of_gateway == 1
    }

    #[test]
    fn a_class_is_the_controllers_or_not_for_every_function() {
        let plain = CLASSES.replace("DEFAULT", "false");
        let default = CLASSES.replace("DEFAULT", "true");
        assert!(is_managed(Some("alb"), None, ""));
        assert!(is_managed(None, Some("alb"), ""));
        assert!(!is_managed(None, Some("nginx"), ""));
        assert!(!is_managed(None, None, ""));
        // A class that is named otherwise, and one of another controller.
        assert!(is_managed(None, Some("public"), &plain));
        assert!(!is_managed(None, Some("other"), &plain));
        assert!(!is_managed(None, Some("alb"), &plain.replace("other", "alb")));
        // The annotation goes before the field, and names no object.
        assert!(!is_managed(Some("public"), Some("public"), &plain));
        assert!(!is_managed(Some("other"), Some("alb"), &plain));
        // No class at all: the default one's.
        assert!(is_managed(None, None, &default));
        assert!(!is_managed(None, None, &plain));
    }
}
