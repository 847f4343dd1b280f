//! What EKS Auto Mode reads otherwise than the AWS Load Balancer Controller.
//!
//! Source: the EKS user guide, "Create an `IngressClass` to configure an Application Load Balancer",
//! its table of Ingress annotations and its considerations (listener attributes); that `jwt-validation` is ignored is issue 4473 of the
//! controller (2025-11).

use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::{self, key};
use crate::controllers::alb::group::{AUTO_MODE, classify};
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::serving::ingress::diags::{AutoMode, AutoModeIgnores};

/// The annotations of the controller that Auto Mode does not read, each with what to do.
const IGNORED: [(&str, &str); 8] = [
    ("group.name", "set group.name in the class's IngressClassParams"),
    ("waf-acl-id", "use wafv2-acl-arn"),
    ("web-acl-id", "use wafv2-acl-arn"),
    ("shield-advanced-protection", "enable AWS Shield Advanced for the load balancer itself"),
    ("dry-run-plan", "remove it"),
    ("create-acm-cert", "set certificate-arn"),
    ("acm-pca-arn", "set certificate-arn"),
    (
        "jwt-validation",
        "require a token in a header or a login, or set a class of the AWS Load Balancer Controller",
    ),
];

/// The findings of one Ingress: none where Auto Mode has nothing to do with it.
pub(super) fn findings(ingress: &Ingress, objects: &Objects, options: &Options) -> Vec<Finding> {
    let map = &ingress.metadata.annotations;
    if let Some(class) = map.get(annotations::CLASS) {
        // The name of a class of Auto Mode in the annotation selects the other controller.
        let is_auto_mode = objects
            .ingress_classes
            .iter()
            .any(|known| known.metadata.name == *class && known.spec.controller == AUTO_MODE);
        let instead = "set spec.ingressClassName and remove the annotation";
        let ignored = AutoModeIgnores { ingress, key: annotations::CLASS, instead };
        return is_auto_mode.then(|| ignored.into()).into_iter().collect();
    }
    let Some(class) = classify(ingress, objects, options).ok().and_then(|member| member.auto_mode)
    else {
        return Vec::new();
    };
    let mut findings = vec![AutoMode { ingress, class: &class.metadata.name }.into()];
    for (suffix, instead) in IGNORED {
        let key = key(suffix);
        if map.contains_key(&key) {
            findings.push(AutoModeIgnores { ingress, key: &key, instead }.into());
        }
    }
    let attributes = key("listener-attributes.");
    for key in map.keys().filter(|key| key.starts_with(&attributes)) {
        let instead = "remove it: listener attributes cannot be set there";
        findings.push(AutoModeIgnores { ingress, key, instead }.into());
    }
    findings
}
