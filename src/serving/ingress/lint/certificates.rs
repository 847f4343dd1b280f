//! The ARNs of certificates that somebody wrote.

use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::{Annotations, key};
use crate::controllers::alb::group::classify;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::serving::ingress::diags::{CertificateOf, at};
use crate::serving::ingress::settings::certificate_limits;
use crate::values::arn::{Arn, Region};
use crate::values::placeholder::{is_in, is_unfilled, is_word};

/// The findings of the certificates of one Ingress: those of its class, which go before the annotation, or else its
/// own. Elastic Load Balancing refuses whatever is not a certificate of ACM or IAM when the listener is created, and with it the
/// whole group. One may be listed twice: the controller makes a set of all but the first
/// (`updateSDKListenerWithExtraCertificates` in `pkg/deploy/elbv2/listener_manager.go`, v3.5).
pub(super) fn limits(ingress: &Ingress, objects: &Objects, options: &Options) -> Vec<Finding> {
    let params = classify(ingress, objects, options).ok().and_then(|member| member.params);
    let of_class = params.map(|params| params.spec.certificate_arn.clone()).unwrap_or_default();
    let (arns, field) = if of_class.is_empty() {
        let annotations = Annotations::of(&ingress.metadata.annotations);
        let own = annotations.list("certificate-arn").unwrap_or_default();
        (own, at(&key("certificate-arn")))
    } else {
        (of_class, "spec.ingressClassName".to_owned())
    };
    let (count, field) = (arns.len(), field.as_str());
    let of_arn = |(place, arn): (usize, &String)| {
        let place = (count > 1).then_some(place);
        let of = move |found| CertificateOf { ingress, field, place, found }.into();
        certificate_limits(arn).into_iter().map(of).collect::<Vec<Finding>>()
    };
    arns.iter().enumerate().filter(|(_, arn)| !is_reported(arn)).flat_map(of_arn).collect()
}

/// Whether a finding of its own is for it: what is still to be filled in, several in one text, and a region that is none
/// or another partition's.
fn is_reported(arn: &str) -> bool {
    let is_glued = arn.contains(|letter: char| letter.is_whitespace() || letter == ';');
    let is_foreign = arn.parse::<Arn>().is_ok_and(|arn| {
        let home = arn.region().parse::<Region>();
        !arn.region().is_empty() && home.map(|home| home.partition()) != Ok(arn.partition())
    });
    is_glued || is_foreign || is_in(arn) || is_unfilled(arn) || is_word(arn)
}
