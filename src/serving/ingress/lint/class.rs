//! Annotations that the parameters of the Ingress's class override.

use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::class::KeyValue;
use crate::controllers::alb::group::classify;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::serving::ingress::diags::ClassOverrides;

/// The controller takes what `IngressClassParams` set before the annotations (`pkg/ingress/model_build_load_balancer.go`, `buildLoadBalancerScheme`;
/// `model_build_listener.go`, `computeIngressExplicitTLSCertARNs`; `group_loader.go`).
pub(super) fn overrides(ingress: &Ingress, objects: &Objects, options: &Options) -> Vec<Finding> {
    let member = classify(ingress, objects, options).ok();
    let Some((member, params)) = member.and_then(|member| Some((member, member.params?))) else {
        return Vec::new();
    };
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let class = &params.spec;
    let mut found = Vec::new();
    let mut add = |suffix: &'static str, sets: String| {
        let name = &params.metadata.name;
        found.push(ClassOverrides { ingress, params: name, suffix, sets }.into());
    };
    if let (Some(class), Some(own)) = (class.scheme.as_deref(), annotations.text("scheme"))
        && class != own
    {
        add("scheme", format!("the scheme {class}"));
    }
    let arns = annotations.list("certificate-arn").unwrap_or_default();
    if !class.certificate_arn.is_empty() && !arns.is_empty() && class.certificate_arn != arns {
        add("certificate-arn", "other certificates".to_owned());
    }
    if let (Some(class), Some(own)) = (&class.group, annotations.text("group.name"))
        && class.name != own
        && member.auto_mode.is_none()
    {
        add("group.name", format!("the group {}", class.name));
    }
    for (suffix, of_class) in [
        ("ssl-redirect", class.ssl_redirect_port.as_str()),
        ("ssl-policy", class.ssl_policy.as_str()),
        ("wafv2-acl-arn", class.wafv2_acl_arn.as_str()),
    ] {
        let own = annotations.text(suffix).filter(|own| !of_class.is_empty() && *own != of_class);
        if own.is_some() {
            add(suffix, of_class.to_owned());
        }
    }
    let cidrs = annotations.list("inbound-cidrs").unwrap_or_default();
    if !class.inbound_cidrs.is_empty() && !cidrs.is_empty() && class.inbound_cidrs != cidrs {
        add("inbound-cidrs", class.inbound_cidrs.join(","));
    }
    if class.subnets.is_some() && annotations.text("subnets").is_some() {
        add("subnets", "other subnets".to_owned());
    }
    for (suffix, of_class) in
        [("load-balancer-attributes", &class.load_balancer_attributes), ("tags", &class.tags)]
    {
        let own = annotations.map(suffix).ok().flatten().unwrap_or_default();
        let differs =
            |pair: &&KeyValue| own.get(&pair.key).is_some_and(|value| *value != pair.value);
        if let Some(pair) = of_class.iter().find(differs) {
            add(suffix, format!("{}={}", pair.key, pair.value));
        }
    }
    found
}
