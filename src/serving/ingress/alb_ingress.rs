//! An Ingress of the load balancer, as far as its hosts and its region go.

use serde::Deserialize;

use super::Lead;
use crate::controllers::alb::class::IngressClass;
use crate::controllers::alb::objects::IngressSpec;
use crate::k8s::{ObjectMeta, empty_if_null};
use crate::runtime::{Item, Items};
use crate::values::arn::{Arn, CertificateArn, Region};
use crate::values::elb_name::ElbName;

/// An Ingress and the name of its load balancer, where its status has it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AlbIngress {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: IngressSpec,
    #[serde(deserialize_with = "empty_if_null")]
    status: Status,
    /// What its class's parameters set, which goes before the annotations.
    #[serde(skip)]
    class: ClassSettings,
}

#[derive(Clone, Default)]
struct ClassSettings {
    group: Option<String>,
    address_type: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    #[serde(deserialize_with = "empty_if_null")]
    load_balancer: LoadBalancer,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct LoadBalancer {
    #[serde(deserialize_with = "empty_if_null")]
    ingress: Vec<Address>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(deserialize_with = "empty_if_null")]
    hostname: String,
}

const PREFIX: &str = "alb.ingress.kubernetes.io/";
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";
const CONTROLLER: &str = "ingress.k8s.aws/alb";

impl AlbIngress {
    /// The Ingresses of class `alb`, or of a class of the controller that is among the objects.
    /// One that can't be read is left to the functions that set it.
    #[must_use]
    pub fn all<'i, 'p>(items: &'i Items<'p>) -> Vec<(&'i Item<'p>, Self)> {
        let classes: Vec<IngressClass> = items
            .of_kind("networking.k8s.io", "IngressClass")
            .filter_map(|item| item.read::<IngressClass>().ok())
            .filter(|class| class.spec.controller == CONTROLLER)
            .collect();
        let ingresses = items.of_kind("networking.k8s.io", "Ingress");
        ingresses
            .filter_map(|item| Some((item, item.read::<Self>().ok()?)))
            .filter_map(|(item, mut ingress)| {
                let name = ingress.class_name()?;
                let class = classes.iter().find(|class| class.metadata.name == name);
                if class.is_none() && name != super::ALB_CLASS {
                    return None;
                }
                // The controller reads parameters of a class that the field names, only.
                let by_field = ingress.spec.ingress_class_name.as_deref() == Some(name);
                let settings = class.filter(|_| by_field).and_then(|class| settings(class, items));
                ingress.class = settings.unwrap_or_default();
                Some((item, ingress))
            })
            .collect()
    }

    fn class_name(&self) -> Option<&str> {
        let annotation = self.metadata.annotations.get(CLASS_ANNOTATION).map(String::as_str);
        annotation.or(self.spec.ingress_class_name.as_deref())
    }

    /// An annotation of the load balancer's controller.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.get(&format!("{PREFIX}{name}")).map(String::as_str)
    }

    /// Whether its load balancer has IPv6 addresses, by `ip-address-type` or by its class.
    #[must_use]
    pub fn is_dual_stack(&self) -> bool {
        let stated = self.class.address_type.as_deref();
        stated
            .or_else(|| self.annotation("ip-address-type"))
            .is_some_and(|stated| stated.starts_with("dualstack"))
    }

    /// Its load balancer: Ingresses of one group share theirs, by `group.name` or by their class.
    #[must_use]
    pub fn lead(&self) -> Lead {
        self.class.group.clone().map_or_else(|| Lead::of_ingress(&self.metadata), Lead::Ingress)
    }

    /// The hosts of its rules and of its TLS blocks, as they are written.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let rules = self.spec.rules.iter().map(|rule| rule.host.as_str());
        let tls = self.spec.tls.iter().flat_map(|tls| &tls.hosts).map(String::as_str);
        rules.chain(tls).filter(|host| !host.is_empty())
    }

    /// The name of its load balancer, where its status has it.
    #[must_use]
    pub fn load_balancer(&self) -> Option<ElbName> {
        self.status.load_balancer.ingress.iter().find_map(|address| address.hostname.parse().ok())
    }

    /// The certificates of its listeners, as far as they can be read.
    pub fn certificates(&self) -> impl Iterator<Item = CertificateArn> {
        let arns = self.annotation("certificate-arn").unwrap_or_default().split(',');
        arns.filter_map(|arn| arn.trim().parse().ok())
    }

    /// The regions in which its load balancer must be, each with what says so.
    #[must_use]
    pub fn regions(&self) -> Vec<(Region, &'static str)> {
        let mut found = Vec::new();
        if let Some(name) = self.load_balancer() {
            found.push((name.region().clone(), "the status"));
        }
        for arn in self.certificates() {
            found.extend(arn.region().map(|region| (region.clone(), "certificate-arn")));
        }
        let acl = self.annotation("wafv2-acl-arn").and_then(|arn| arn.parse::<Arn>().ok());
        let region = acl.and_then(|arn| arn.region().parse().ok());
        found.extend(region.map(|region| (region, "wafv2-acl-arn")));
        found.dedup();
        found
    }
}

/// Those of the parameters that a class names.
fn settings(class: &IngressClass, items: &Items<'_>) -> Option<ClassSettings> {
    let name = &class.spec.parameters.as_ref()?.name;
    let mut all = items.of_kind("elbv2.k8s.aws", "IngressClassParams");
    let params = all.find(|item| item.resource.name == *name)?;
    Some(ClassSettings {
        group: params.text(&["spec", "group", "name"]).filter(|name| !name.is_empty()),
        address_type: params.text(&["spec", "ipAddressType"]),
    })
}
