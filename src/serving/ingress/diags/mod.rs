//! What is said of Ingresses: one struct a finding, with its facts as fields. Severity and message
//! stand here and nowhere else.

mod ingress;
mod load_balancer;
mod opening;
mod params;

pub(crate) use ingress::*;
pub(crate) use load_balancer::*;
pub(crate) use opening::*;
pub(crate) use params::*;

use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::finding::Finding;

/// The field of an annotation.
pub(crate) fn at(key: &str) -> String {
    format!("metadata.annotations[{key}]")
}

/// A finding on an annotation of the load balancer's controller.
fn on_annotation(finding: Finding, ingress: &Ingress, suffix: &str) -> Finding {
    finding.on(&ingress.reference()).field(at(&annotations::key(suffix)))
}
