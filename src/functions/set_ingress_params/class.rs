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
        let mut overridden = |suffix: &str, class: &str, asked: &str| {
            let message = format!(
                "the class's IngressClassParams {} set {class}, which overrides {asked}; change \
                 it there, or give the Ingress another class",
                params.metadata.name
            );
            findings.push(
                Finding::error(Code::AlbClassOverrides, message)
                    .on(&kept.resource)
                    .field(format!("metadata.annotations[{}]", key(suffix))),
            );
        };
        if let (Some(class), Some(asked)) = (params.spec.scheme.as_deref(), settings.scheme)
            && class != asked.as_str()
        {
            let asked = format!("loadBalancerScheme {}", asked.as_str());
            overridden("scheme", &format!("the scheme {class}"), &asked);
        }
        let asked: Vec<String> = settings.certificates.iter().map(ToString::to_string).collect();
        let class = &params.spec.certificate_arn;
        if !class.is_empty() && !asked.is_empty() && *class != asked {
            overridden("certificate-arn", "certificateArn", "certArn");
        }
    }
    findings
}
