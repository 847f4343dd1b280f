//! An Ingress of the load balancer, as far as its hosts and its region go.

use serde::Deserialize;

use crate::alb::objects::IngressSpec;
use crate::arn::{Arn, CertificateArn, Region};
use crate::dns::ElbName;
use crate::k8s::{ObjectMeta, empty_if_null};
use crate::runtime::{Item, Items};

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
        let classes: Vec<&str> = items
            .of_kind("networking.k8s.io", "IngressClass")
            .filter(|item| item.text(&["spec", "controller"]).as_deref() == Some(CONTROLLER))
            .map(|item| item.resource.name.as_str())
            .collect();
        let ingresses = items.of_kind("networking.k8s.io", "Ingress");
        ingresses
            .filter_map(|item| Some((item, item.read::<Self>().ok()?)))
            .filter(|(_, ingress)| {
                ingress
                    .class()
                    .is_some_and(|class| class == super::ALB_CLASS || classes.contains(&class))
            })
            .collect()
    }

    fn class(&self) -> Option<&str> {
        let annotation = self.metadata.annotations.get(CLASS_ANNOTATION).map(String::as_str);
        annotation.or(self.spec.ingress_class_name.as_deref())
    }

    /// An annotation of the load balancer's controller.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.get(&format!("{PREFIX}{name}")).map(String::as_str)
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

    /// The regions in which its load balancer must be, each with what says so.
    #[must_use]
    pub fn regions(&self) -> Vec<(Region, &'static str)> {
        let mut found = Vec::new();
        if let Some(name) = self.load_balancer() {
            found.push((name.region().clone(), "the status"));
        }
        let certificates = self.annotation("certificate-arn").unwrap_or_default().split(',');
        for arn in certificates.filter_map(|arn| arn.trim().parse::<CertificateArn>().ok()) {
            found.extend(arn.region().map(|region| (region.clone(), "certificate-arn")));
        }
        let acl = self.annotation("wafv2-acl-arn").and_then(|arn| arn.parse::<Arn>().ok());
        let region = acl.and_then(|arn| arn.region().parse().ok());
        found.extend(region.map(|region| (region, "wafv2-acl-arn")));
        found.dedup();
        found
    }
}
