//! What the parameters of an Ingress's class override.

use std::collections::HashMap;

use crate::cluster::Cluster;
use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::group::classify;
use crate::finding::{Code, Finding};
use crate::serving::ingress::{self, Settings};
use krm_package::ItemId;

/// The controller takes the scheme and the certificates of `IngressClassParams` before those of the
/// annotations (`pkg/ingress/model_build_load_balancer.go`, `buildLoadBalancerScheme`;
/// `model_build_listener.go`, `computeIngressExplicitTLSCertARNs`).
pub(super) fn overrides(cluster: &Cluster<'_>, set: &[(ItemId, Settings)]) -> Vec<Finding> {
    let settings: HashMap<ItemId, &Settings> = set.iter().map(|(id, all)| (*id, all)).collect();
    let objects = ingress::objects(cluster);
    let options = Options::default();
    let mut findings = Vec::new();
    for (kept, ingress) in cluster.objects.ingresses.iter().zip(&objects.ingresses) {
        let Some(settings) = kept.id.and_then(|id| settings.get(&id)) else { continue };
        let params = classify(ingress, &objects, &options).ok().and_then(|member| member.params);
        let Some(params) = params else { continue };
        let mut overridden = |suffix: &str, class: &str, wanted: &str| {
            let message = format!(
                "the class's IngressClassParams {} sets {class}, which overrides {wanted}; change it there, or set another class on the Ingress",
                params.metadata.name
            );
            findings.push(
                Finding::error(Code::AlbClassOverrides, message)
                    .on(&kept.resource)
                    .field(format!("metadata.annotations[{}]", key(suffix))),
            );
        };
        if let (Some(class), Some(wanted)) = (params.spec.scheme.as_deref(), settings.scheme())
            && class != wanted.as_str()
        {
            let wanted = format!("loadBalancerScheme {}", wanted.as_str());
            overridden("scheme", &format!("the scheme {class}"), &wanted);
        }
        let wanted: Vec<String> = settings.certificates().iter().map(ToString::to_string).collect();
        let class = &params.spec.certificate_arn;
        if !class.is_empty() && !wanted.is_empty() && *class != wanted {
            overridden("certificate-arn", "certificateArn", "certArn");
        }
    }
    findings
}
