//! What `set-ingress-params` has to say of its configuration, one struct a finding.

use crate::controllers::alb::annotations::key;
use crate::finding::{Code, Finding};
use crate::values::arn::Region;

/// Nothing is set, from which an overlay that is open to every request would be inferred.
pub(super) struct NothingSet;

impl From<NothingSet> for Finding {
    fn from(_: NothingSet) -> Self {
        let message = "nothing is set, and no overlay that is open to every request is inferred from that; set certArn with httpHeaderValues or cognito, or paramsFrom, or overlay: base if every request is to pass";
        Self::error(Code::BadConfig, message).field("spec")
    }
}

/// A certificate takes the place of one of another region.
pub(super) struct RegionChanged<'a> {
    pub(super) region: &'a Region,
    pub(super) other: &'a Region,
}

impl From<RegionChanged<'_>> for Finding {
    fn from(RegionChanged { region, other }: RegionChanged<'_>) -> Self {
        let message = format!(
            "certArn is in region {region} and replaces a certificate in {other}; a load balancer only takes certificates of its own region, so the cluster must be in {region}"
        );
        Self::warning(Code::CertificateRegionChanged, message)
            .field(format!("metadata.annotations[{}]", key("certificate-arn")))
    }
}

/// A certificate takes the place of those that the controller finds for the hosts.
pub(super) struct DiscoveryOff;

impl From<DiscoveryOff> for Finding {
    fn from(_: DiscoveryOff) -> Self {
        let message = "certArn replaces the certificates that the controller discovers for the hosts of spec.tls; it must cover these hosts";
        Self::info(Code::CertificateDiscoveryOff, message).field("spec.tls")
    }
}
