//! Annotations that the parameters of the Ingress's class override.

use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::group::classify;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::serving::ingress::diags::ClassOverrides;

/// The controller takes scheme, certificates and group of `IngressClassParams` before those of the
/// annotations (`pkg/ingress/model_build_load_balancer.go`, `buildLoadBalancerScheme`;
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
    found
}
