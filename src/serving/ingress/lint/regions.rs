//! Whether all that a load balancer is given is of one region.

use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::auth::CognitoConfig;
use crate::controllers::alb::objects::Ingress;
use crate::finding::Finding;
use crate::go::json;
use crate::serving::ingress::diags::TwoRegions;
use crate::values::arn::Arn;

/// A finding for the first thing of each member that is of another region than the load balancer's
/// first.
pub(super) fn differ(members: &[&Ingress]) -> Vec<Finding> {
    let mut first: Option<(String, String)> = None;
    let mut findings = Vec::new();
    for ingress in members {
        for (suffix, region) in regions(ingress) {
            match &first {
                None => first = Some((region, format!("{suffix} of {}", ingress.key()))),
                Some((known, _)) if *known == region => {}
                Some((known, other)) => {
                    let (other, other_region) = (other.clone(), known.clone());
                    findings
                        .push(TwoRegions { ingress, suffix, region, other, other_region }.into());
                    break;
                }
            }
        }
    }
    findings
}

/// The regions of what an Ingress names. A certificate of IAM has none.
fn regions(ingress: &Ingress) -> Vec<(&'static str, String)> {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let mut arns: Vec<(&'static str, String)> = Vec::new();
    let certificates = annotations.list("certificate-arn").unwrap_or_default();
    arns.extend(certificates.into_iter().map(|arn| ("certificate-arn", arn)));
    let mut pool = CognitoConfig::default();
    let text = annotations.text("auth-idp-cognito").unwrap_or_default();
    if json::unmarshal(text, &mut pool).is_ok() {
        arns.push(("auth-idp-cognito", pool.user_pool_arn));
    }
    arns.extend(annotations.text("wafv2-acl-arn").map(|arn| ("wafv2-acl-arn", arn.to_owned())));
    let region = |arn: &str| {
        let arn: Arn = arn.parse().ok()?;
        Some(arn.region().to_owned()).filter(|region| !region.is_empty())
    };
    arns.into_iter().filter_map(|(suffix, arn)| Some((suffix, region(&arn)?))).collect()
}
