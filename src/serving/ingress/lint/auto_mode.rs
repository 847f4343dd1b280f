//! What EKS Auto Mode reads otherwise than the AWS Load Balancer Controller.
//!
//! Source: the EKS user guide, "Create an `IngressClass` to configure an Application Load Balancer"
//! (`latest/ug/automode/auto-configure-alb.adoc` of awsdocs/amazon-eks-user-guide), its table of Ingress annotations and
//! its considerations (listener attributes). It lists no other annotation; three more are known from issues:
//! `jwt-validation` (4473 of the controller, 2025-12) and `transforms.*` (4433 of the controller, and pull request 1221
//! of the user guide, 2026-04), which AWS has confirmed, and `ipam-ipv4-pool-id` by a user's report alone (4456 of the
//! controller). Certificates are created behind the feature gate
//! `EnableCertificateManagement` alone, which is off by default (`pkg/config/feature_gates.go`, v3.5) and which Auto
//! Mode has no setting for. `dry-run-plan` is the controller's own note, which it never reads (`controllers/ingress/dryrun.go`,
//! v3.5).

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
    ("ipam-ipv4-pool-id", "remove it"),
    ("create-acm-cert", "set certificate-arn"),
    ("acm-pca-arn", "set certificate-arn"),
    (
        "jwt-validation",
        "require a token in a header or a login, or set a class of the AWS Load Balancer Controller",
    ),
];

/// The same, for annotations that end with a name.
const IGNORED_BY_PREFIX: [(&str, &str); 2] = [
    ("listener-attributes.", "remove it: listener attributes cannot be set there"),
    ("transforms.", "rewrite hosts and paths behind the load balancer"),
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
    for (prefix, instead) in IGNORED_BY_PREFIX {
        let prefix = key(prefix);
        for key in map.keys().filter(|key| key.starts_with(&prefix)) {
            findings.push(AutoModeIgnores { ingress, key, instead }.into());
        }
    }
    findings
}
