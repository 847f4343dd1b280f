//! Annotations that restrict who reaches a load balancer, and that another annotation turns off.

use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::objects::Ingress;
use crate::finding::Finding;
use crate::serving::ingress::diags::RestrictionIgnored;

/// The first is ignored where the second is there (`pkg/ingress/model_build_load_balancer.go`,
/// `buildLoadBalancerSecurityGroups`: addresses are only written into the controller's own group;
/// `model_build_load_balancer_addons.go`, `buildWAFv2WebACLAssociation`: a name goes before an ARN; v3.5).
const IGNORED: [(&str, &str); 3] = [
    ("inbound-cidrs", "security-groups"),
    ("security-group-prefix-lists", "security-groups"),
    ("wafv2-acl-arn", "wafv2-acl-name"),
];

pub(super) fn ignored(ingress: &Ingress) -> Vec<Finding> {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let is_there = |suffix: &str| {
        let entries = annotations.list(suffix).unwrap_or_default();
        // All addresses are no restriction.
        !entries.is_empty() && !entries.iter().any(|entry| entry == "0.0.0.0/0")
    };
    IGNORED
        .iter()
        .filter(|(suffix, beside)| is_there(suffix) && is_there(beside))
        .map(|(suffix, beside)| RestrictionIgnored { ingress, suffix, beside }.into())
        .collect()
}
